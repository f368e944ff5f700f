"""The OpenAPI document, generated once per process from the code and the settings."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator

from api.openapi import problems
from api.openapi.operations import TAGS
from api.scopes import API_SCOPES
from api.urls import version_1
from cognito.wire.base_url import BaseURL

DESCRIPTION: Final = """\
Send an access token of the user pool: `Authorization: Bearer <token>`. To get one, sign in with the
hosted UI (the Authorize button) or with `POST /api/v1/auth/sign-in`.

Bodies are JSON objects in UTF-8. Every error is `application/problem+json` (RFC 9457) with a stable
`code`.

Pages of this site may call some operations with the session cookie of their user instead.
"""

SCOPES: Final = {
    "openid": "Sign in",
    "email": "See your e-mail address",
    "profile": "See your profile",
    "aws.cognito.signin.user.admin": "Change your account",
    **API_SCOPES,
}


def document() -> bytes:
    """Return the document as JSON."""
    return _document(
        settings.PUBLIC_URL, settings.COGNITO_DOMAIN, settings.SITE_NAME, settings.SITE_SUPPORT
    )


@lru_cache(maxsize=8)
def _document(public_url: str, domain: str, site_name: str, support: str) -> bytes:
    generator = SchemaGenerator(patterns=[path("api/v1/", include(version_1))])  # type: ignore[no-untyped-call]
    made: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    made["info"] = {
        "title": f"{site_name} API",
        "version": "1",
        "description": DESCRIPTION,
        "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        "contact": {"name": site_name, **_contact(support, public_url)},
    }
    made["servers"] = [{"url": _server(public_url)}]
    made["tags"] = list(TAGS)
    components = made["components"]
    components["schemas"]["Problem"] = problems.SCHEMA
    components["responses"] = problems.responses(used_in=json.dumps(made["paths"]))
    components["securitySchemes"] = _security_schemes(domain)
    return json.dumps(made).encode()


def _contact(support: str, public_url: str) -> dict[str, str]:
    if support.startswith("https://"):
        return {"url": support}
    return {"url": public_url} | ({"email": support} if support else {})


def _server(public_url: str) -> str:
    """Return the server's address. A loopback address is relative to that of the document."""
    url = BaseURL.parse(public_url)
    is_this_machine = url.is_loopback and not url.host.endswith(".localhost")
    return url.path or "/" if is_this_machine else public_url


def _security_schemes(domain: str) -> dict[str, Any]:
    # https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints-oauth-grants.html
    token_url = f"{domain}/oauth2/token"
    machine_scopes = {name: SCOPES[name] for name in ("api/read", "api/write")}
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token that you already have.",
        },
        "cognito": {
            "type": "oauth2",
            "description": "Sign in with the hosted UI. PKCE is required. Users of first-party "
            "clients do not need the scopes that begin with `api/`.",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": f"{domain}/oauth2/authorize",
                    "tokenUrl": token_url,
                    "refreshUrl": token_url,
                    "scopes": SCOPES,
                },
                "clientCredentials": {"tokenUrl": token_url, "scopes": machine_scopes},
            },
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session of a user who signed in at `/accounts/login/`. It counts "
            "only in requests of this site's own pages, as `Sec-Fetch-Site` or `Origin` says.",
        },
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRFToken",
            "description": "The `csrf_token` of `GET /api/v1/session`.",
        },
    }
