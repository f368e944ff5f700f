"""The page Security says how well an account is protected, and how not to lose it."""

from __future__ import annotations

import pytest

from accounts.own_account.security_advice import advice
from cognito.user_pool.auth_factors import AuthFactors
from cognito.user_pool.passkeys import Passkey

PASSKEY = Passkey("one", "Blue key", "localhost", is_portable=None, created_at=None)
ALONE = "Your password alone is enough to sign in"
BY_CODE = "A code that we send you is enough to sign in"
STRONG = "A stolen password is not enough to sign in"


def factors(first: str, *second: str) -> AuthFactors:
    has_app = "SOFTWARE_TOKEN_MFA" in second
    return AuthFactors(frozenset(first.split()), frozenset(second), has_app=has_app)


@pytest.mark.parametrize(
    ("known", "state"),
    [
        (factors("PASSWORD"), ALONE),
        # A passkey does not help while the password is enough.
        (factors("PASSWORD WEB_AUTHN"), ALONE),
        (factors("PASSWORD", "SOFTWARE_TOKEN_MFA"), STRONG),
        (factors("PASSWORD", "EMAIL_OTP"), STRONG),
        (factors("EMAIL_OTP WEB_AUTHN"), BY_CODE),
        (factors("SMS_OTP"), BY_CODE),
        (factors("WEB_AUTHN"), STRONG),
    ],
    ids=["password", "and passkey", "and app", "and e-mail", "e-mail", "text", "passkey"],
)
def test_state_names_what_is_enough_to_sign_in(known: AuthFactors, state: str) -> None:
    given = advice(known, [PASSKEY], has_verified_email=True)
    assert (given.state, given.is_strong) == (state, state == STRONG)


@pytest.mark.parametrize(
    ("known", "passkeys", "words"),
    [
        (factors("WEB_AUTHN"), 1, ["Your only passkey"]),
        (factors("WEB_AUTHN"), 2, []),
        (factors("PASSWORD"), 0, ["If you forget your password", "Add a passkey"]),
        (
            factors("PASSWORD", "SOFTWARE_TOKEN_MFA"),
            1,
            ["Keep a copy of your authenticator app", "If you forget your password"],
        ),
    ],
    ids=["only passkey", "two passkeys", "password", "app"],
)
def test_recovery_is_for_what_can_be_lost(
    known: AuthFactors, passkeys: int, words: list[str]
) -> None:
    given = advice(known, [PASSKEY] * passkeys, has_verified_email=True).recovery
    assert len(given) == len(words)
    assert all(sentence.startswith(word) for sentence, word in zip(given, words, strict=True))


def test_unverified_address_cannot_reset_a_password() -> None:
    [sentence] = advice(factors("PASSWORD"), [PASSKEY], has_verified_email=False).recovery
    assert sentence.startswith("Your e-mail address is not verified")
