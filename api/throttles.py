"""The limits of `/api/v1/auth/…` and `/api/v1/me/…`.

How they are held: accounts.rate_limits.limits.
"""

from __future__ import annotations

from accounts.rate_limits.counters import Limit
from accounts.rate_limits.limits import MAIL, MINUTES, PHONE, Throttle

__all__ = [
    "CHALLENGE",
    "CODE",
    "MAIL",
    "PASSWORD_CHANGE",
    "PHONE",
    "REFRESH",
    "SIGN_IN",
    "SIGN_IN_MESSAGE",
    "SIGN_UP",
    "UNKNOWN_SIGN_OUTS",
]

# Cognito itself locks an account after five wrong passwords in a row. In these what succeeds does
# not count.
# https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html#authentication-flow-lockout-behavior
SIGN_IN = Throttle("sign-in", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
CHALLENGE = Throttle("challenge", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
CODE = Throttle("code", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
# Whoever found an unlocked phone guesses no faster than at the sign-in.
PASSWORD_CHANGE = Throttle("password change", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))

SIGN_UP = Throttle("sign-up", Limit(5, 60 * MINUTES), Limit(20, 60 * MINUTES))
# The same of codes by SMS or mail that a right password has sent. Counted apart, so that no
# stranger who asks for mails keeps anybody from signing in.
SIGN_IN_MESSAGE = Throttle("sign-in message", MAIL.per_account, MAIL.per_address)

# Nothing can be guessed here. Many people share one address, and each refreshes every few minutes.
REFRESH = Limit(600, 5 * MINUTES)
# Refresh tokens that the pool does not exchange. A sign-out is never refused: after these, tokens
# from the address are revoked without an exchange.
UNKNOWN_SIGN_OUTS = Limit(100, 15 * MINUTES)
