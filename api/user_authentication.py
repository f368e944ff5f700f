"""Bearer tokens of users who have a row in the project's user model, for views outside of this API.

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.user_authentication.UserAuthentication"],
}
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import InterfaceError, OperationalError
from rest_framework import status
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.identity.adapter import adapter
from accounts.process.revocation_list import RevocationsUnavailable
from api.authentication import CognitoAuthentication
from api.permissions import demand_scope, is_first_party_user
from cognito.errors import CognitoUnavailable


class VerificationUnavailable(APIException):
    """A token can be neither accepted nor refused now.

    Attributes:
        wait: seconds after which the client should try again. DRF sends it as `Retry-After`.
    """

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "Tokens cannot be checked right now."

    def __init__(self, error: CognitoUnavailable | RevocationsUnavailable) -> None:
        super().__init__(code=error.code)
        self.wait = error.retry_after


class UserAuthentication(CognitoAuthentication):
    """Authenticate a user who has a row. `request.user` is the row, `request.auth` the claims.

    Users get a row when they first sign in at a page, or when they are linked. A token alone makes
    none. Machine clients have no row.

    Your views give the user's rights to the bearer of the token. So by default only tokens of
    COGNITO_FIRST_PARTY_CLIENT_IDS are accepted, without an actor (RFC 8693).

    Attributes:
        scope: the scope that admits tokens of other clients, and of actors. None admits none.

    Raises:
        AuthenticationFailed: the credentials are invalid, or there is no such user (401).
        PermissionDenied: the token is of another client (403). InsufficientScope, if `scope` is
            set and the token lacks it.
        VerificationUnavailable: the token cannot be checked now (503). This class raises an error
            of Django REST framework, so it works with every exception handler.
    """

    scope: ClassVar[str | None] = None

    def authenticate(self, request: Request) -> tuple[Any, object] | None:
        """Return the user's row and the claims, or None if the request has no credentials."""
        try:
            found = super().authenticate(request)
        except (CognitoUnavailable, RevocationsUnavailable) as error:
            raise VerificationUnavailable(error) from error
        if found is None:
            return None
        principal, claims = found
        try:
            identity = adapter().find(issuer=principal.issuer, sub=principal.sub)
        except (OperationalError, InterfaceError) as error:
            reason = type(error).__name__
            raise VerificationUnavailable(RevocationsUnavailable(reason=reason)) from error
        if identity is None or not identity.may_sign_in:
            raise AuthenticationFailed("There is no such user here.", code="unknown_user")
        if self.scope is not None:
            demand_scope(self.scope, principal)
        elif not is_first_party_user(principal):
            raise PermissionDenied(
                "This app client may not act for its users here.", code="client_not_first_party"
            )
        return identity.auth_user, claims
