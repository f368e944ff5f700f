"""MiniStack's own web endpoints, which issue the tokens."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.errors import Unavailable
from local_cognito.login.memory import Credentials

_TIMEOUT_SECONDS = 10
# One answer contains every e-mail of a stack that may have run for long.
_MAXIMUM_BYTES = 16_000_000


@dataclass(frozen=True)
class WebAnswer:
    status: int
    content_type: str
    location: str = field(repr=False)
    body: bytes = field(repr=False)


class WebEndpoints:
    """Calls of MiniStack at `endpoint_url`. Each raises Unavailable if there is no answer."""

    def __init__(self, endpoint_url: str) -> None:
        endpoint = urlsplit(endpoint_url)
        self._host, self._port = endpoint.hostname or "", endpoint.port

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> WebAnswer:
        return self._exchange("GET", path, b"", headers or {})

    def post(self, path: str, form: Mapping[str, str]) -> WebAnswer:
        content_type = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._exchange("POST", path, urlencode(form).encode(), content_type)

    def code(self, request: AuthorizationRequest, credentials: Credentials) -> str | None:
        """Return an authorization code for the user, or None if the password is incorrect.

        MiniStack stores what the exchange must match, and the nonce for the ID token.
        """
        answer = self.post(
            "/login",
            {
                "client_id": request.client.client_id,
                "redirect_uri": request.redirect_uri,
                "scope": request.scope,
                "response_type": "code",
                "nonce": request.nonce,
                "code_challenge": request.code_challenge,
                "code_challenge_method": "S256" if request.code_challenge else "",
                "username": credentials.username,
                "password": credentials.password,
            },
        )
        if answer.status != http.HTTPStatus.FOUND:
            return None
        return parse_qs(urlsplit(answer.location).query)["code"][-1]

    def _exchange(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> WebAnswer:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body=body or None, headers=dict(headers))
            answer = connection.getresponse()
            content = answer.read(_MAXIMUM_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable from error
        finally:
            connection.close()
        if len(content) > _MAXIMUM_BYTES:
            raise Unavailable
        return WebAnswer(
            answer.status,
            answer.getheader("Content-Type", ""),
            answer.getheader("Location", ""),
            content,
        )
