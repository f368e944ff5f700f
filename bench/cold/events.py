"""The environment variables and the events of the bundles whose cold starts are compared."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from cognito.testing import TokenFactory, signing_key

HOST = "abc.execute-api.eu-west-1.amazonaws.com"
CLIENT_ID = "bench"
POOL_ID = "eu-west-1_Bench"
KEY = signing_key("bench")


def event(path: str, **headers: str) -> dict[str, Any]:
    """Return a GET event of API Gateway's REST API. `_` in the names of `headers` means `-`."""
    sent = {"Host": HOST, "X-Forwarded-Proto": "https"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "GET",
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "stageVariables": None,
        "requestContext": {
            "stage": "dev",
            "path": f"/dev{path}",
            "identity": {"sourceIp": "203.0.113.9"},
        },
        "body": None,
        "isBase64Encoded": False,
    }


def access_token() -> str:
    """Return an access token that is valid for an hour."""
    issuer = f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}"
    return TokenFactory(KEY, issuer=issuer, client_id=CLIENT_ID).access()


def variables(*, database_url: str) -> Mapping[str, str]:
    """Return the whole environment of a contestant, as `infra deploy` sets it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        # The bundle on Lambda is read-only, so Python writes no bytecode there.
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "DJANGO_SECRET_KEY": "for-the-benchmark-only:" + "0123456789" * 5,
        "TOKEN_ENCRYPTION_KEYS": "dGVzdHMtb25seTotLS0tLS0tLS0tLS0tLS0tLS0tLS0=",
        "PUBLIC_URL": f"https://{HOST}/dev",
        "DATABASE_URL": database_url,
        "COGNITO_REGION": "eu-west-1",
        "COGNITO_USER_POOL_ID": POOL_ID,
        "COGNITO_CLIENT_ID": CLIENT_ID,
        "COGNITO_DOMAIN": "https://bench.auth.eu-west-1.amazoncognito.com",
        "COGNITO_JWKS": json.dumps({"keys": [KEY.jwk()]}),
    }
