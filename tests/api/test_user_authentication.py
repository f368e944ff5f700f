"""Bearer tokens in a view outside of this API, with REST framework's own exception handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView, exception_handler

from accounts import process
from accounts.identity.adapter import UserAdapter
from accounts.models import User
from accounts.process.revocation_list import RevocationsUnavailable
from api.user_authentication import UserAuthentication
from cognito.testing import KeySetServer, TokenFactory

pytestmark = pytest.mark.django_db


class Whoami(APIView):
    permission_classes = ()

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return exception_handler

    def get(self, request: Request) -> Response:
        scopes = sorted(request.auth.scopes) if request.auth else None  # type: ignore[union-attr] # the claims
        return Response({"user": request.user.pk, "scopes": scopes})


class ReadsOrders(UserAuthentication):
    scope = "orders/read"


def answer_to(
    token: str, authentication: type[UserAuthentication] = UserAuthentication
) -> Response:
    request = APIRequestFactory().get("/whoami", HTTP_AUTHORIZATION=f"Bearer {token}")
    response: Response = Whoami.as_view(authentication_classes=(authentication,))(request)
    return response


@pytest.fixture
def user(tokens: TokenFactory, settings: Settings) -> User:
    user: User = User.objects.create(issuer=settings.COGNITO_ISSUER, sub=tokens.sub)
    return user


@pytest.mark.usefixtures("known_keys")
def test_user_of_a_token_is_the_row(tokens: TokenFactory, user: User) -> None:
    answer = answer_to(tokens.access(scope="openid"))
    assert (answer.status_code, answer.data) == (200, {"user": user.pk, "scopes": ["openid"]})


@pytest.mark.usefixtures("known_keys")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sub": "another"}, "unknown_user"),
        ({"issuer": "another"}, "unknown_user"),
        # The revocation list has disabled users too.
        ({"is_active": False}, "token_revoked"),
    ],
)
def test_user_without_an_enabled_row_is_refused(
    tokens: TokenFactory, user: User, change: dict[str, Any], code: str
) -> None:
    User.objects.filter(pk=user.pk).update(**change)
    answer = answer_to(tokens.access())
    assert (answer.status_code, answer.data["detail"].code) == (401, code)
    assert User.objects.count() == 1, "a token makes no row"


@pytest.mark.usefixtures("known_keys", "user")
def test_invalid_token_is_refused(tokens: TokenFactory) -> None:
    answer = answer_to(tokens.access(client_id="another"))
    assert (answer.status_code, answer.data["detail"].code) == (401, "wrong_client")
    assert answer["WWW-Authenticate"].startswith('Bearer error="invalid_token"')


@pytest.mark.usefixtures("known_keys", "user")
@pytest.mark.parametrize("other", [{"client_id": "third-party"}, {"act": {"sub": "an-agent"}}])
def test_token_of_another_client_or_of_an_actor_needs_a_scope(
    tokens: TokenFactory, settings: Settings, other: dict[str, Any]
) -> None:
    settings.COGNITO_API_CLIENT_IDS = frozenset({"third-party"})
    with_scope = tokens.access(scope="orders/read", **other)
    answer = answer_to(with_scope)
    assert (answer.status_code, answer.data["detail"].code) == (403, "client_not_first_party")
    assert answer_to(with_scope, ReadsOrders).status_code == 200
    answer = answer_to(tokens.access(scope="openid", **other), ReadsOrders)
    assert (answer.status_code, answer.data["detail"].code) == (403, "insufficient_scope")
    assert 'scope="orders/read"' in answer["WWW-Authenticate"]


@pytest.mark.usefixtures("known_keys", "user")
def test_first_party_client_needs_no_scope(tokens: TokenFactory) -> None:
    assert answer_to(tokens.access(scope="openid"), ReadsOrders).status_code == 200


def test_missing_keys_are_a_503(tokens: TokenFactory, key_set: KeySetServer) -> None:
    key_set.behave("status:503")
    answer = answer_to(tokens.access())
    assert (answer.status_code, answer.data["detail"].code) == (503, "keys_unavailable")
    assert 1 <= int(answer["Retry-After"]) <= 60


@pytest.mark.usefixtures("known_keys")
def test_missing_revocation_list_is_a_503(
    tokens: TokenFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> bool:
        raise RevocationsUnavailable(reason="test") from OperationalError()

    monkeypatch.setattr(process.current.revocations, "is_revoked", fail)
    answer = answer_to(tokens.access())
    assert (answer.status_code, answer.data["detail"].code) == (503, "revocations_unavailable")
    assert answer["Retry-After"] == "10"


@pytest.mark.usefixtures("known_keys")
def test_unavailable_database_is_a_503(
    tokens: TokenFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr(UserAdapter, "find", fail)
    answer = answer_to(tokens.access())
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
