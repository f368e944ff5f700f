"""Token refresh and sign-out."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from accounts import process
from accounts.models import AuditEvent, BrowserSession, Revocation, User
from accounts.process.revocation_list import RevocationList
from cognito.testing import WITHOUT
from infra.users import ensure_user
from tests.api.auth.conftest import PASSWORD, Api
from tests.support.answers import assert_problem, assert_refused, body_of, challenge
from tests.support.application import Stack
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

ME = "/api/v1/me"
# Access tokens are valid for at most a day, and refresh tokens for 30 days, which is the default of
# COGNITO_REFRESH_TOKEN_DAYS.
REVOKED_FOR = timedelta(hours=24, minutes=30)
UNCONFIRMED_FOR = timedelta(days=30) + REVOKED_FOR


def me(access_token: str) -> Any:
    return Client().get(ME, HTTP_AUTHORIZATION=f"Bearer {access_token}")


def everywhere(api: Api, token: str) -> Any:
    return api("sign-out-everywhere", b"", HTTP_AUTHORIZATION=f"Bearer {token}")


def pull_revocations() -> None:
    """Load all revocations now. A process does so every five seconds."""
    process.current.revocations = RevocationList()


def signed_in(pool: Stack, api: Api) -> dict[str, Any]:
    email = f"{uuid.uuid4()}@example.com"
    ensure_user(
        pool.aws.cognito(),
        user_pool_id=pool.pool.user_pool_id,
        email=email,
        password=PASSWORD,
        groups=[],
    )
    tokens: dict[str, Any] = body_of(api.send("sign-in", email=email))
    api.secrets += [tokens[name] for name in ("access_token", "id_token", "refresh_token")]
    return tokens


@pytest.mark.ministack
def test_refresh_after_a_sign_in_by_address_returns_new_tokens(pool: Stack, api: Api) -> None:
    tokens = signed_in(pool, api)
    response = api("refresh", {"refresh_token": tokens["refresh_token"]})
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    refreshed = body_of(response)
    assert refreshed.keys() == tokens.keys()
    assert refreshed["refresh_token"] != tokens["refresh_token"], "the pool rotates them"
    assert me(refreshed["access_token"]).status_code == 200


@pytest.mark.ministack
def test_sign_out_ends_the_refresh_token_and_every_bearer_token_of_the_sign_in(
    pool: Stack, api: Api
) -> None:
    tokens = signed_in(pool, api)
    body = {"refresh_token": tokens["refresh_token"]}
    refreshed = body_of(api("refresh", body))
    for _ in range(2):
        response = api("sign-out", body, HTTP_AUTHORIZATION="Bearer expired")
        assert (response.status_code, response.content) == (204, b"")
    assert_problem(api("refresh", body), 401, "invalid_refresh_token")
    pull_revocations()
    for one in (tokens, refreshed):
        assert_refused(me(one["access_token"]), "token_revoked")
    sub = AuditEvent.objects.get(action="sign_in").actor_sub
    assert AuditEvent.objects.get(action="sign_out").actor_sub == sub
    row = Revocation.objects.get()
    assert row.expires_at - row.signed_in_until == REVOKED_FOR


@pytest.mark.ministack
def test_sign_out_everywhere_ends_browsers_and_other_clients(pool: Stack, api: Api) -> None:
    tokens = signed_in(pool, api)
    claims = me(tokens["access_token"]).json()
    user = User.objects.create(issuer=pool.pool.issuer, sub=claims["sub"])
    now = timezone.now()
    BrowserSession.objects.create(user=user, signed_in_at=now, last_seen_at=now, renewed_at=now)
    assert everywhere(api, tokens["access_token"]).status_code == 204
    assert not BrowserSession.objects.exists()
    # Cognito confirmed the sign-out, so only bearer tokens remain, for their longest lifetime.
    row = Revocation.objects.get()
    assert row.expires_at - row.signed_in_until == REVOKED_FOR
    body = {"refresh_token": tokens["refresh_token"]}
    pull_revocations()
    assert_problem(api("refresh", body), 401, "invalid_refresh_token")
    assert_refused(me(tokens["access_token"]), "token_revoked")
    assert AuditEvent.objects.filter(action="sign_out_everywhere").count() == 1


@pytest.mark.parametrize("unverified_token", ["garbage", "a.b", "a..b.c.d.e.f", "a.b.c é"])
@pytest.mark.parametrize("path", ["refresh", "sign-out"])
def test_malformed_refresh_token_is_refused(
    api: Api, stub: PoolStub, path: str, unverified_token: str
) -> None:
    response = api(path, {"refresh_token": unverified_token})
    assert_problem(response, 401, "invalid_refresh_token")
    assert response["WWW-Authenticate"] == challenge()
    assert stub.received == []


@pytest.mark.parametrize(
    ("exception", "code"),
    [
        ("NotAuthorizedException", "invalid_refresh_token"),
        ("UserNotFoundException", "invalid_refresh_token"),
        ("PasswordResetRequiredException", "invalid_refresh_token"),
        ("RefreshTokenReuseException", "refresh_token_reused"),
    ],
)
def test_expired_or_used_refresh_token_is_refused(
    api: Api, stub: PoolStub, exception: str, code: str
) -> None:
    stub.refuse("GetTokensFromRefreshToken", exception)
    assert_problem(api.send("refresh"), 401, code)


def test_sign_out_with_an_access_token_is_refused(api: Api, stub: PoolStub) -> None:
    stub.refuse("GetTokensFromRefreshToken", "NotAuthorizedException")
    stub.refuse("RevokeToken", "UnsupportedTokenTypeException")
    assert_problem(api.send("sign-out"), 401, "invalid_refresh_token")


@pytest.mark.parametrize("answer", ["NotAuthorizedException", "RefreshTokenReuseException"])
def test_sign_out_with_a_rotated_token_ends_its_sign_in(
    api: Api, stub: PoolStub, answer: str
) -> None:
    """Cognito does not exchange a rotated token, but newer tokens of the sign-in are valid."""
    stub.refuse("GetTokensFromRefreshToken", answer)
    assert api.send("sign-out").status_code == 204
    (call,) = stub.calls("RevokeToken")
    assert call["Token"] == "a.b.c.d.e"
    stub.misbehave("RevokeToken", "status:500")
    assert_problem(api.send("sign-out"), 503, "cognito_unavailable")
    stub.refuse("RevokeToken", "NotAuthorizedException")
    assert api.send("sign-out").status_code == 204


@pytest.mark.parametrize("rotates", [True, False])
@pytest.mark.parametrize("revocation", ["", "status:500"])
def test_sign_out_without_signing_keys_revokes_the_newest_token(
    api: Api, stub: PoolStub, settings: Any, *, rotates: bool, revocation: str
) -> None:
    settings.COGNITO_JWKS = ""
    tokens = stub.tokens(with_refresh_token=rotates)
    stub.answer("GetTokensFromRefreshToken", tokens)
    if revocation:
        stub.misbehave("RevokeToken", revocation)

    response = api.send("sign-out")

    assert_problem(response, 503, "keys_unavailable")
    (call,) = stub.calls("RevokeToken")
    assert call["Token"] == tokens["AuthenticationResult"].get("RefreshToken", "a.b.c.d.e")
    assert not Revocation.objects.exists()


def test_refresh_returns_the_new_token_and_sign_out_revokes_the_newest_one(
    api: Api, stub: PoolStub
) -> None:
    stub.answer("GetTokensFromRefreshToken", stub.tokens())
    newest = body_of(api.send("refresh"))["refresh_token"]
    assert newest != "a.b.c.d.e"
    api.send("sign-out")
    (call,) = stub.calls("RevokeToken")
    assert call["Token"] == newest


@pytest.mark.parametrize("secret", ["", "a-client-secret"])
def test_client_secret_is_sent_if_there_is_one(
    api: Api, stub: PoolStub, settings: Any, secret: str
) -> None:
    settings.COGNITO_CLIENT_SECRET = secret
    api.send("sign-out")
    for operation in ("GetTokensFromRefreshToken", "RevokeToken"):
        (call,) = stub.calls(operation)
        assert call.get("ClientSecret", "") == secret


def test_sign_in_that_ended_only_here_is_not_refreshed(api: Api, stub: PoolStub) -> None:
    """Cognito was unavailable at the sign-out, so it still issues tokens."""
    stub.answer(
        "GetTokensFromRefreshToken", stub.tokens(with_refresh_token=False, origin_jti="ended")
    )
    stub.misbehave("RevokeToken", "status:500")
    assert api.send("sign-out").status_code == 204
    row = Revocation.objects.get()
    assert row.expires_at - row.signed_in_until == UNCONFIRMED_FOR
    pull_revocations()
    assert_problem(api.send("refresh"), 401, "invalid_refresh_token")


def test_empty_answer_to_a_revocation_is_a_success(api: Api, stub: PoolStub) -> None:
    stub.misbehave("RevokeToken", "empty")
    assert api.send("sign-out").status_code == 204
    row = Revocation.objects.get()
    assert row.expires_at - row.signed_in_until == REVOKED_FOR


def test_sign_in_without_an_origin_jti_ends_at_cognito(api: Api, stub: PoolStub) -> None:
    """If revocation is disabled for the app client, its tokens have no `origin_jti`."""
    stub.answer(
        "GetTokensFromRefreshToken", stub.tokens(with_refresh_token=False, origin_jti=WITHOUT)
    )
    assert api.send("sign-out").status_code == 204
    assert not Revocation.objects.exists()
    assert len(stub.calls("RevokeToken")) == 1


@pytest.mark.parametrize("fault", ["status:500", "html", "empty", "reset"])
def test_failed_sign_out_is_not_reported_as_a_success(api: Api, stub: PoolStub, fault: str) -> None:
    stub.misbehave("GetTokensFromRefreshToken", fault)
    response = api.send("sign-out")
    assert response.status_code == 503
    assert response["Retry-After"]
    assert stub.calls("RevokeToken") == []


def test_sign_out_without_a_database_does_not_revoke_the_token(api: Api, stub: PoolStub) -> None:
    def fail_to_revoke(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if "INSERT INTO accounts_revocation" in sql:
            raise OperationalError
        return execute(sql, *arguments)

    with connection.execute_wrapper(fail_to_revoke):
        assert_problem(api.send("sign-out"), 503, "database_unavailable")
    assert stub.calls("RevokeToken") == []


def test_sign_out_everywhere_without_the_cognito_scope_is_revoked_here_for_longer(
    api: Api, stub: PoolStub
) -> None:
    assert everywhere(api, stub.factory.access(scope="openid")).status_code == 204
    row = Revocation.objects.get()
    assert row.expires_at - row.signed_in_until == UNCONFIRMED_FOR
    assert stub.received == []


@pytest.mark.parametrize("fault", ["status:500", "html", "reset"])
def test_sign_out_everywhere_is_revoked_here_if_cognito_fails(
    api: Api, stub: PoolStub, fault: str
) -> None:
    stub.misbehave("GlobalSignOut", fault)
    assert everywhere(api, stub.factory.access()).status_code == 204
    row = Revocation.objects.get()
    assert row.expires_at - row.signed_in_until == UNCONFIRMED_FOR


def test_sign_out_everywhere_is_refused_to_machine_clients(
    api: Api, stub: PoolStub, settings: Any
) -> None:
    settings.COGNITO_API_CLIENT_IDS = frozenset({"machine"})
    response = everywhere(api, stub.factory.machine(client_id="machine"))
    assert_problem(response, 403, "user_required")
    assert_problem(api("sign-out-everywhere", b""), 401, "not_authenticated")


def test_token_refreshed_later_from_an_older_sign_in_is_refused(api: Api, stub: PoolStub) -> None:
    signed_in_at = int(timezone.now().timestamp())
    token = stub.factory.access(auth_time=signed_in_at)
    everywhere(api, token)
    pull_revocations()
    refreshed = stub.factory.access(auth_time=signed_in_at, iat=signed_in_at + 5)
    for one in (token, refreshed):
        assert_refused(me(one), "token_revoked")


def test_tokens_of_a_sign_in_after_a_sign_out_everywhere_are_accepted(
    api: Api, stub: PoolStub
) -> None:
    everywhere(api, stub.factory.access())
    pull_revocations()
    later = int(timezone.now().timestamp()) + 5
    assert me(stub.factory.access(auth_time=later)).status_code == 200
