"""The authentication class for projects that have their own users."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView, exception_handler

from cognito.testing.token_factory import TokenFactory
from cognito.tokens.claims import Claims
from cognito_drf.authentication import CognitoAuthentication, KeysUnavailable

pytestmark = pytest.mark.usefixtures("cognito_setting")


class WhoAmI(APIView):
    authentication_classes = (CognitoAuthentication,)
    permission_classes = (IsAuthenticated,)

    def handle_exception(self, error: Exception) -> Response:
        """Answer as a project does that has not configured an exception handler."""
        code = error.get_codes() if hasattr(error, "get_codes") else ""
        response: Response = super().handle_exception(error)
        response.data = {"code": code}
        return response

    def get(self, request: Request) -> Response:
        user: Any = request.user
        return Response(
            {
                "sub": user.pk,
                "name": str(user),
                "groups": sorted(user.groups),
                "username": user.username,
            }
        )


def answer(header: str | None = None, view: type[APIView] = WhoAmI) -> Response:
    headers = {} if header is None else {"Authorization": header}
    response: Response = view.as_view()(APIRequestFactory().get("/", headers=headers))
    return response


def test_bearer_of_a_valid_token_is_the_user(token_factory: TokenFactory) -> None:
    token = token_factory.access({"cognito:groups": ["editors"]})
    response = answer(f"Bearer {token}")
    assert response.status_code == 200
    assert response.data["sub"] == response.data["name"] == token_factory.sub
    assert response.data["groups"] == ["editors"]


def test_request_without_a_bearer_token_is_asked_for_one() -> None:
    for header in (None, "Basic dXNlcjpwYXNz"):
        response = answer(header)
        assert response.status_code == 401
        assert response.data == {"code": "not_authenticated"}
    assert answer()["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Bearer", "malformed_authorization"),
        ("Bearer a b", "malformed_authorization"),
        ("Bearer a, Bearer b", "malformed_authorization"),
        ("bearer not-a-token", "malformed_token"),
    ],
)
def test_malformed_header_is_refused_with_a_reason(header: str, code: str) -> None:
    response = answer(header)
    assert (response.status_code, response.data) == (401, {"code": code})
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_invalid_token_is_refused_with_its_reason(token_factory: TokenFactory) -> None:
    for token, code in (
        (token_factory.access(exp=1, iat=0), "token_expired"),
        (token_factory.access(client_id="another"), "wrong_client"),
        (token_factory.id_token(), "wrong_token_use"),
    ):
        response = answer(f"Bearer {token}")
        assert (response.status_code, response.data) == (401, {"code": code})


def test_unavailable_keys_are_no_mistake_of_the_caller(
    settings: Settings, cognito_setting: dict[str, object], token_factory: TokenFactory
) -> None:
    settings.COGNITO = cognito_setting | {"JWKS_URL": "http://127.0.0.1:9/jwks.json"}
    response = answer(f"Bearer {token_factory.access()}")
    assert (response.status_code, response.data) == (503, {"code": "keys_unavailable"})
    of_drf = exception_handler(KeysUnavailable(), {})
    assert of_drf is not None
    assert of_drf["Retry-After"] == "10"


def test_project_refuses_a_user_that_it_does_not_know(token_factory: TokenFactory) -> None:
    class OwnUsers(CognitoAuthentication):
        def user_of(self, claims: Claims) -> Any:
            assert claims.sub == token_factory.sub
            raise AuthenticationFailed(code="unknown_user")

    class View(WhoAmI):
        authentication_classes = (OwnUsers,)

    response = answer(f"Bearer {token_factory.access()}", View)
    assert (response.status_code, response.data) == (401, {"code": "unknown_user"})
