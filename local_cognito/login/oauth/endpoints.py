"""`/oauth2/token`, `/oauth2/revoke` and `/oauth2/userInfo`.

https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html
https://docs.aws.amazon.com/cognito/latest/developerguide/userinfo-endpoint.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Request, Response

from local_cognito.login.context import Login
from local_cognito.login.errors import Refused
from local_cognito.login.oauth.client_authentication import (
    OAuthError,
    authenticated_client,
    json_answer,
    parameter,
)
from local_cognito.login.user_pool.app_client import AppClient

_CODE_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def token(login: Login, request: Request) -> Response:
    client = authenticated_client(login, request)
    grant_type = parameter(request, "grant_type")
    if grant_type == "authorization_code":
        return _exchange_code(login, request, client)
    if grant_type == "refresh_token":
        return _refresh(login, request, client)
    if grant_type == "client_credentials":
        form = {"grant_type": grant_type, "scope": parameter(request, "scope")}
        return _minted(login, client, {name: text for name, text in form.items() if text})
    raise OAuthError("unsupported_grant_type" if grant_type else "invalid_request")


def revoke(login: Login, request: Request) -> Response:
    """Revoke a token. An unknown token, or that of another client, gets the same answer."""
    client = authenticated_client(login, request)
    unverified_token = parameter(request, "token")
    if not unverified_token or not client.revokes:
        raise OAuthError("invalid_request")
    if _unverified_claims(unverified_token).get("token_use") in {"access", "id"}:
        raise OAuthError("unsupported_token_type")
    if _unverified_claims(unverified_token).get("client_id") == client.client_id:
        login.pool.revoke(client, unverified_token)
    return Response(status=HTTPStatus.OK)


def user_info(login: Login, request: Request) -> Response:
    authorization = {"Authorization": request.headers.get("Authorization", "")}
    answer = login.web.get("/oauth2/userInfo", authorization)
    response = Response(answer.body, status=answer.status, content_type=answer.content_type)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return response


def _exchange_code(login: Login, request: Request, client: AppClient) -> Response:
    names = ("code", "redirect_uri", "code_verifier")
    form = {name: text for name in names if (text := parameter(request, name))}
    if "code" not in form or "redirect_uri" not in form:
        raise OAuthError("invalid_request")
    if "code_verifier" in form and not _CODE_VERIFIER.fullmatch(form["code_verifier"]):
        raise OAuthError("invalid_grant")
    return _minted(login, client, {"grant_type": "authorization_code", **form})


def _minted(login: Login, client: AppClient, form: Mapping[str, str]) -> Response:
    """Have MiniStack's own endpoint issue tokens. Pass on only the code of an error."""
    credentials = {"client_id": client.client_id}
    if client.secret:
        credentials["client_secret"] = client.secret
    answer = login.web.post("/oauth2/token", {**form, **credentials})
    body = json.loads(answer.body)
    if answer.status != HTTPStatus.OK:
        raise OAuthError(body["error"])
    return json_answer(body)


def _refresh(login: Login, request: Request, client: AppClient) -> Response:
    refresh_token = parameter(request, "refresh_token")
    if not refresh_token:
        raise OAuthError("invalid_request")
    scope = _unverified_claims(refresh_token).get("scope")
    try:
        minted = login.pool.refresh(client, refresh_token)
    except Refused:
        raise OAuthError("invalid_grant") from None
    return json_answer(_token_answer(minted, scope=scope))


def _token_answer(minted: Mapping[str, Any], *, scope: str | None) -> dict[str, object]:
    body = {
        "access_token": minted["AccessToken"],
        "token_type": "Bearer",
        "expires_in": minted["ExpiresIn"],
    }
    # Tokens of MiniStack's user pool API have no scope, and include openid.
    if scope is None or "openid" in scope.split():
        body["id_token"] = minted["IdToken"]
    if "RefreshToken" in minted:
        body["refresh_token"] = minted["RefreshToken"]
    return body


def _unverified_claims(token: str) -> dict[str, Any]:
    """Read the claims of a possible token of MiniStack, which checks it next; {} if malformed."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
