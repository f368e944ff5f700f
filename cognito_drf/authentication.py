"""Bearer tokens of Cognito as credentials of Django REST framework (RFC 6750)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request

from cognito.errors import CognitoUnavailable, TokenError
from cognito.tokens.bearer import BEARER
from cognito.tokens.claims import Claims
from cognito_drf.configuration import configuration


class KeysUnavailable(APIException):
    """The keys of the user pool cannot be loaded, so no token can be verified now."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "Tokens cannot be verified at the moment. Try again in a few seconds."
    default_code = "keys_unavailable"
    # DRF sends it as `Retry-After`. The keys are fetched at most once in ten seconds.
    wait: ClassVar[int] = 10


@dataclass(frozen=True, slots=True)
class TokenUser:
    """The bearer of a verified token, known from the token alone."""

    claims: Claims = field(repr=False)
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    @property
    def pk(self) -> str:
        """The `sub`, which DRF's throttles use as the key."""
        return self.claims.sub

    @property
    def username(self) -> str:
        """The user's name in the pool. A machine client has none."""
        return self.claims.username or ""

    @property
    def groups(self) -> frozenset[str]:
        """The user's groups in the pool."""
        return self.claims.groups

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of the token."""
        return self.claims.scopes

    def __str__(self) -> str:
        return self.claims.sub


class CognitoAuthentication(BaseAuthentication):
    """Authenticate by the `Authorization` header. `request.auth` is the claims of the token.

    Override `user_of` to return a user of your own.
    """

    def authenticate(self, request: Request) -> tuple[Any, Claims] | None:
        """Return the user and the claims, or None if the request has no bearer token.

        Raises:
            AuthenticationFailed: the token is invalid (401). `code` is the reason.
            KeysUnavailable: the keys of the user pool cannot be loaded (503).
        """
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if header[:6].lower() != "bearer":
            return None
        match = BEARER.fullmatch(header)
        if match is None:
            raise AuthenticationFailed(
                "The Authorization header must be `Bearer`, a space and one token.",
                code="malformed_authorization",
            )
        using = configuration()
        try:
            claims = using.verifier.verify(match[1], token_uses=using.token_uses)
        except TokenError as error:
            raise AuthenticationFailed(str(error), code=error.code) from error
        except CognitoUnavailable as error:
            raise KeysUnavailable from error
        return self.user_of(claims), claims

    def user_of(self, claims: Claims) -> Any:
        """Return `request.user`. Raise AuthenticationFailed to refuse a user of a valid token.

        Identify a user by `claims.issuer` and `claims.sub`, never by the e-mail address: its owner
        can change it.
        """
        return TokenUser(claims)

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 6750 section 3)."""
        return 'Bearer error="invalid_token"' if "HTTP_AUTHORIZATION" in request.META else "Bearer"
