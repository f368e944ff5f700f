"""Passkeys at the hosted UI, by operations that AWS does not have.

See local_cognito/aws/operations/hosted_passkeys.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from local_cognito.login.memory import HostedSession
from local_cognito.login.user_pool.web_endpoints import WebEndpoints


@dataclass(frozen=True)
class PasskeySignIn:
    """A sign-in with a passkey: a token of `local-managed-login`, and the name of its user."""

    access_token: str = field(repr=False)
    shown_name: str


class HostedPasskeys:
    """Each method raises Refused."""

    def __init__(self, web: WebEndpoints, user_pool_id: str, own_client_id: str) -> None:
        self._web = web
        self._user_pool_id = user_pool_id
        self._own_client_id = own_client_id

    def sign_in_options(self, username: str) -> Any:
        """Return PublicKeyCredentialRequestOptionsJSON.

        Without a user name, the browser offers the passkeys that it has.
        """
        answer = self._call("LocalStartPasskeySignIn", Username=username)
        return answer["CredentialRequestOptions"]

    def sign_in(self, credential: str) -> PasskeySignIn:
        """Check a response to `sign_in_options`, AuthenticationResponseJSON."""
        answer = self._call(
            "LocalCompletePasskeySignIn", ClientId=self._own_client_id, Credential=credential
        )
        return PasskeySignIn(answer["AccessToken"], answer["ShownName"])

    def creation_options(self, session: HostedSession) -> Any:
        """Return PublicKeyCredentialCreationOptionsJSON for the user of a session."""
        answer = self._call(
            "LocalStartPasskeyRegistration",
            Username=session.username,
            SessionId=session.session_id,
        )
        return answer["CredentialCreationOptions"]

    def register(self, session: HostedSession, credential: str) -> None:
        """Register a response to `creation_options`, RegistrationResponseJSON."""
        self._call(
            "LocalCompletePasskeyRegistration",
            Username=session.username,
            SessionId=session.session_id,
            Credential=credential,
        )

    def _call(self, operation: str, **request: object) -> dict[str, Any]:
        region = self._user_pool_id.partition("_")[0]
        return self._web.call(
            operation, {"UserPoolId": self._user_pool_id, **request}, region=region
        )
