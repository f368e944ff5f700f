"""Sign-ups without a password, and sign-ups that continue as a sign-in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.local_cognito.aws.operations.conftest import PASSWORD, TestPool
from tests.local_cognito.aws.operations.test_user_auth import claims_of, other

pytestmark = pytest.mark.ministack


def new_email() -> str:
    return f"{secrets.token_hex(6)}@example.com"


def sign_up(pool: TestPool, email: str, **members: str) -> Any:
    return pool.cognito.sign_up(
        ClientId=pool.client_id,
        Username=email,
        UserAttributes=[{"Name": "email", "Value": email}],
        **members,
    )


def confirm(pool: TestPool, email: str, session: str = "", code: str = "") -> Any:
    return pool.cognito.confirm_sign_up(
        ClientId=pool.client_id,
        Username=email,
        ConfirmationCode=code or pool.code(email),
        **({"Session": session} if session else {}),
    )


def begin(pool: TestPool, email: str, session: str) -> Any:
    return pool.cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": email},
        Session=session,
    )


@contextmanager
def first_factors(pool: TestPool, *factors: str) -> Iterator[None]:
    policies = pool.cognito.describe_user_pool(UserPoolId=pool.user_pool_id)["UserPool"]["Policies"]
    changed = {**policies, "SignInPolicy": {"AllowedFirstAuthFactors": list(factors)}}
    pool.cognito.update_user_pool(UserPoolId=pool.user_pool_id, Policies=changed)
    try:
        yield
    finally:
        pool.cognito.update_user_pool(UserPoolId=pool.user_pool_id, Policies=policies)


def test_user_signs_up_without_a_password_and_is_signed_in_by_the_code(pool: TestPool) -> None:
    email = new_email()
    created = sign_up(pool, email)
    session = confirm(pool, email, created["Session"])["Session"]
    claims = claims_of(begin(pool, email, session), "IdToken")
    assert claims["sub"] == created["UserSub"]
    assert claims["email_verified"]

    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        begin(pool, email, session)
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.signs_in(email, "Aa1!")
    # The only factor begins at once.
    assert pool.begins(email)["ChallengeName"] == "EMAIL_OTP"


def test_user_with_a_password_is_signed_in_after_the_sign_up_too(pool: TestPool) -> None:
    email = new_email()
    created = sign_up(pool, email, Password=PASSWORD)
    session = confirm(pool, email)["Session"]
    assert claims_of(begin(pool, email, session))["sub"] == created["UserSub"]
    assert pool.signs_in(email)


def test_session_of_an_unconfirmed_user_does_not_sign_in(pool: TestPool) -> None:
    email = new_email()
    session = sign_up(pool, email)["Session"]
    with pytest.raises(pool.cognito.exceptions.UserNotConfirmedException):
        begin(pool, email, session)
    with pytest.raises(pool.cognito.exceptions.CodeMismatchException):
        confirm(pool, email, session, other(pool.code(email)))
    with pytest.raises(pool.cognito.exceptions.UserNotConfirmedException):
        begin(pool, email, session)


def test_session_is_for_its_user_only(pool: TestPool) -> None:
    email, victim = new_email(), pool.new_user()
    session = sign_up(pool, email)["Session"]
    # The session of a sign-up that is not confirmed is none of a sign-in.
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        begin(pool, victim, session)
    session = confirm(pool, email, session)["Session"]
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        begin(pool, victim, session)
    another = new_email()
    sign_up(pool, another)
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        confirm(pool, another, session)


def test_session_expires(pool: TestPool) -> None:
    email = new_email()
    session = confirm(pool, email, sign_up(pool, email)["Session"])["Session"]
    with (
        pool.later(seconds=181),
        pytest.raises(pool.cognito.exceptions.NotAuthorizedException, match="expired"),
    ):
        begin(pool, email, session)


def test_pool_without_codes_requires_a_password(pool: TestPool) -> None:
    with (
        first_factors(pool, "PASSWORD"),
        pytest.raises(pool.cognito.exceptions.InvalidPasswordException),
    ):
        sign_up(pool, new_email())


def test_user_without_a_password_sets_the_first_one(pool: TestPool) -> None:
    email, cognito = new_email(), pool.cognito
    session = confirm(pool, email, sign_up(pool, email)["Session"])["Session"]
    token = begin(pool, email, session)["AuthenticationResult"]["AccessToken"]
    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        cognito.change_password(AccessToken=token, ProposedPassword="short")
    cognito.change_password(AccessToken=token, ProposedPassword="A phrase: with 3 spaces")
    pool.signs_in(email, "A phrase: with 3 spaces")
    factors = cognito.get_user_auth_factors(AccessToken=token)["ConfiguredUserAuthFactors"]
    assert "PASSWORD" in factors
    with pytest.raises(cognito.exceptions.InvalidParameterException, match="OldPassword"):
        cognito.change_password(AccessToken=token, ProposedPassword="Another phrase: with 1")


def test_password_of_a_sign_up_may_contain_spaces(pool: TestPool) -> None:
    email = new_email()
    sign_up(pool, email, Password="A phrase: with 3 spaces")
    confirm(pool, email)
    pool.signs_in(email, "A phrase: with 3 spaces")
