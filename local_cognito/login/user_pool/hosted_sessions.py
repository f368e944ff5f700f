"""Sessions at the hosted UI, which the local AWS keeps, and the authorization codes for them.

AWS has no such operations: see local_cognito/aws/operations/hosted_ui.py.
"""

from __future__ import annotations

from typing import Any

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.errors import ErrorRedirect, Refused
from local_cognito.login.memory import HostedSession
from local_cognito.login.user_pool.app_client import AppClient
from local_cognito.login.user_pool.web_endpoints import WebEndpoints

# Longer than any secret.
_MAXIMUM_SECRET = 200


class NotEnough(Exception):
    """The sign-in of the session is not what the app demands (`max_age`, `acr_values`)."""


class HostedSessions:
    """The local AWS's operations for the hosted UI, for one pool."""

    def __init__(self, web: WebEndpoints, user_pool_id: str) -> None:
        self._web = web
        self._user_pool_id = user_pool_id

    def begin(
        self,
        access_token: str,
        *,
        shown_name: str,
        also_proven: str = "",
        client_id: str = "",
        user_agent: str = "",
        ip_address: str = "",
    ) -> HostedSession:
        """Begin a session with what a sign-in has proven. Its access token is then worth nothing.

        `access_token` is one of the app client `local-managed-login`. `also_proven` is a value of
        `amr` that was proven after the token was issued. `client_id` is the app client that the
        user came from. Raises Refused.
        """
        answer = self._call(
            "LocalBeginHostedSession",
            AccessToken=access_token,
            AlsoProven=also_proven,
            ClientId=client_id,
            UserAgent=user_agent,
            IpAddress=ip_address,
        )
        return HostedSession(
            session_id=answer["SessionId"],
            username=answer["Username"],
            shown_name=shown_name,
            auth_time=answer["AuthTime"],
            methods=tuple(answer["Methods"]),
        )

    def code(
        self, app_request: AuthorizationRequest, session: HostedSession, *, is_new: bool
    ) -> str | None:
        """Return an authorization code for the app, or None if the session has ended.

        A session also ends when the user is disabled, deleted, or gets another password. One that
        is new is recent enough for every app.

        Raises:
            NotEnough: the app demands a more recent or a stronger sign-in.
            ErrorRedirect: the app asks for a level, and the pool has none.
        """
        limit: dict[str, object] = {}
        if not is_new and app_request.max_age is not None:
            limit["MaxAge"] = app_request.max_age
        try:
            answer = self._call(
                "LocalCreateAuthorizationCode",
                UserPoolId=self._user_pool_id,
                Username=session.username,
                SessionId=session.session_id,
                ClientId=app_request.client.client_id,
                RedirectUri=app_request.redirect_uri,
                Scope=app_request.scope,
                Nonce=app_request.nonce,
                CodeChallenge=app_request.code_challenge,
                Resource=app_request.resource,
                ShowsLevel=app_request.asks_for_level,
                AcrValues=app_request.acr_values,
                **limit,
            )
        except Refused as refused:
            if refused.code in {"LocalSessionTooOld", "LocalLevelTooLow"}:
                raise NotEnough from None
            if refused.code == "FeatureUnavailableInTierException":
                raise ErrorRedirect(
                    app_request.redirect_uri, "invalid_request", state=app_request.state
                ) from None
            if refused.code in {"NotAuthorizedException", "UserNotFoundException"}:
                return None
            raise
        code: str = answer["Code"]
        return code

    def end(self, session: HostedSession) -> None:
        self._call(
            "LocalEndHostedSession",
            UserPoolId=self._user_pool_id,
            Username=session.username,
            SessionId=session.session_id,
        )

    def has_secret(self, client: AppClient, unverified_secret: str) -> bool:
        """Return whether this is a secret of the app client, which may have two."""
        if client.has_secret(unverified_secret):
            return True
        answer = self._call(
            "LocalCheckClientSecret",
            UserPoolId=self._user_pool_id,
            ClientId=client.client_id,
            Secret=unverified_secret[:_MAXIMUM_SECRET],
        )
        return bool(answer["Matches"])

    def _call(self, operation: str, **request: object) -> dict[str, Any]:
        return self._web.call(operation, request, region=self._user_pool_id.partition("_")[0])
