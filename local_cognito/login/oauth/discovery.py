"""The discovery document and the keys, for client libraries.

AWS serves both under the issuer, `https://cognito-idp.<region>.amazonaws.com/<pool>`. Locally the
issuer is `http://localhost:<port>/<pool>`, so that clients find the document by the issuer alone.
https://openid.net/specs/openid-connect-discovery-1_0.html
"""

from __future__ import annotations

from http import HTTPStatus

from werkzeug.wrappers import Request, Response

from local_cognito.login.context import Login
from local_cognito.login.errors import Unavailable
from local_cognito.login.oauth.client_authentication import json_answer


def show_document(login: Login, request: Request) -> Response:
    del request
    base, pool_id = login.configuration.base_url, login.pool.user_pool_id
    return json_answer(
        {
            "issuer": login.pool.issuer(),
            "authorization_endpoint": f"{base}/oauth2/authorize",
            "token_endpoint": f"{base}/oauth2/token",
            "userinfo_endpoint": f"{base}/oauth2/userInfo",
            "revocation_endpoint": f"{base}/oauth2/revoke",
            "end_session_endpoint": f"{base}/logout",
            "jwks_uri": f"{base}/{pool_id}/.well-known/jwks.json",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
        }
    )


def show_keys(login: Login, request: Request) -> Response:
    del request
    answer = login.web.get(f"/{login.pool.user_pool_id}/.well-known/jwks.json")
    if answer.status != HTTPStatus.OK:
        raise Unavailable
    return Response(answer.body, content_type="application/json")
