"""What the contestants of bench/cold.py are started with: variables, and the first request."""

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
    """A GET, as API Gateway's REST API hands it to the function. `headers`: `_` stands for `-`."""
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
    """Good for the hour that it has from now."""
    issuer = f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}"
    return TokenFactory(KEY, issuer=issuer, client_id=CLIENT_ID).access()


def variables(*, database_url: str) -> Mapping[str, str]:
    """All of a contestant's environment, as `infra deploy` sets it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        # As on Lambda, where the bundle is read-only.
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
