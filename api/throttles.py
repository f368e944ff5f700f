"""The rate limits of `/api/v1/auth/…` and `/api/v1/me/…`.

accounts.rate_limits.limits enforces them.
"""

from __future__ import annotations

from accounts.rate_limits.counters import Limit
from accounts.rate_limits.limits import (
    CHALLENGE,
    CODE,
    FIRST_FACTOR_CODE,
    MAIL,
    MINUTES,
    PASSWORD_CHANGE,
    PHONE,
    SIGN_IN,
    Throttle,
)

__all__ = [
    "CHALLENGE",
    "CODE",
    "FIRST_FACTOR_CODE",
    "FIRST_STEPS",
    "MAIL",
    "PASSKEY",
    "PASSWORD_CHANGE",
    "PHONE",
    "REFRESH",
    "SIGN_IN",
    "SIGN_IN_MESSAGE",
    "SIGN_UP",
    "UNKNOWN_SIGN_OUTS",
]


# A sign-in by choice. Any visitor can begin one for any account, so it must not use up the attempts
# of a sign-in with a password: its codes are counted separately, and a passkey, which cannot be
# guessed, by account and address together.
FIRST_STEPS = Limit(300, 15 * MINUTES)
PASSKEY = Throttle("passkey", Limit(10, 15 * MINUTES), Limit(50, 15 * MINUTES))

SIGN_UP = Throttle("sign-up", Limit(5, 60 * MINUTES), Limit(20, 60 * MINUTES))
# Codes by SMS or e-mail after a correct password. They have the limits of MAIL, but are counted
# separately, so that an attacker who requests e-mails for an address cannot block its sign-ins.
SIGN_IN_MESSAGE = Throttle("sign-in message", MAIL.per_account, MAIL.per_address)

# A refresh token cannot be guessed. Many users share one address, and each refreshes every few
# minutes.
REFRESH = Limit(600, 5 * MINUTES)
# Sign-outs with refresh tokens that the pool does not exchange. A sign-out is never refused: above
# the limit, tokens from the address are revoked without an exchange.
UNKNOWN_SIGN_OUTS = Limit(100, 15 * MINUTES)
