"""MiniStack's own web endpoints, which issue the tokens, and operations that AWS does not have."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from local_cognito.login.errors import Refused, Unavailable

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

    def call(self, operation: str, request: Mapping[str, object], *, region: str) -> dict[str, Any]:
        """Call an operation that boto3 does not know. Raises Refused."""
        # MiniStack reads only the access key and the region.
        credentials = f"Credential=test/20260101/{region}/cognito-idp/aws4_request"
        answer = self._exchange(
            "POST",
            "/",
            json.dumps(request).encode(),
            {
                "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
                "Content-Type": "application/x-amz-json-1.1",
                "Authorization": f"AWS4-HMAC-SHA256 {credentials}, SignedHeaders=host, Signature=0",
            },
        )
        body: dict[str, Any] = json.loads(answer.body)
        if answer.status != http.HTTPStatus.OK:
            raise Refused(body.get("__type", ""), body.get("message", ""))
        return body

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
