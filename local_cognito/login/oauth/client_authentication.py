"""Authenticate app clients at the OAuth endpoints, and answer in JSON.

RFC 6749, sections 2.3 and 5.2. Cognito answers an error with 400 and only its code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from local_cognito.login.context import Login
from local_cognito.login.user_pool.app_client import AppClient


class OAuthError(Exception):
    """An error code of RFC 6749, section 5.2, or of RFC 7009, section 2.2.1."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


def json_answer(body: Mapping[str, object], *, status: int = HTTPStatus.OK) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json")


def parameter(request: Request, name: str) -> str:
    """Return a form parameter, "" if it is missing. Raises OAuthError if it is repeated."""
    values = request.form.getlist(name)
    if len(values) > 1:
        raise OAuthError("invalid_request")
    return values[0] if values else ""


def authenticated_client(login: Login, request: Request) -> AppClient:
    """Read credentials from the Authorization header, or the form. Raises OAuthError."""
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        # Clients that follow RFC 6749, section 2.3.1, form-encode both. Decoding does not alter
        # what other clients send, because MiniStack's secrets contain no percent sign.
        client_id, secret = unquote(basic.username or ""), unquote(basic.password or "")
    else:
        client_id, secret = parameter(request, "client_id"), parameter(request, "client_secret")
    client = login.pool.app_client(client_id)
    if client is None or not login.hosted_sessions.has_secret(client, secret):
        raise OAuthError("invalid_client")
    return client
