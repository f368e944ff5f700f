"""Verify tokens in django-ninja."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.security import HttpBearer

from cognito.errors import CognitoUnavailable, TokenError
from cognito.tokens.claims import Claims
from cognito.tokens.pool_verifier import pool_verifier

verifier = pool_verifier("eu-west-1_AbCdEfGhI", client_ids=["1example23456789"])


class AuthenticatedRequest(HttpRequest):
    """The type of `request` in your views."""

    auth: Claims


class CognitoBearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Claims | None:
        """Return `request.auth`, or None for a 401."""
        del request
        try:
            return verifier.verify(token, token_uses=frozenset({"access"}))
        except TokenError:
            return None


api = NinjaAPI(auth=CognitoBearer())


@api.exception_handler(CognitoUnavailable)
def keys_unavailable(request: HttpRequest, error: CognitoUnavailable) -> HttpResponse:
    return api.create_response(request, {"detail": error.title}, status=503)


@api.get("/me")
def me(request: AuthenticatedRequest) -> dict[str, object]:
    return {"sub": request.auth.sub, "groups": sorted(request.auth.groups)}
