"""Settings of the application as it is deployed, without a user pool."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.update(
    {
        "DJANGO_DEBUG": "false",
        "DJANGO_SECRET_KEY": "bench-only:" + "0123456789" * 5,
        "PUBLIC_URL": "http://localhost:8000",
        "DATABASE_URL": "sqlite://:memory:",
        "COGNITO_REGION": "eu-west-1",
        "COGNITO_USER_POOL_ID": "eu-west-1_BenchPool",
        "COGNITO_CLIENT_ID": "benchclient",
        "COGNITO_DOMAIN": "http://127.0.0.1:9",
        "TOKEN_ENCRYPTION_KEYS": "YmVuY2gtb25seTotLS0tLS0tLS0tLS0tLS0tLS0tLS0=",
    }
)

from project.settings import *  # noqa: F403 - these are settings, with one changed

ROOT_URLCONF = "bench.tokens.urls"
# WhiteNoise requires an existing directory. The benchmark requests no file of it.
STATIC_ROOT = Path(__file__).parent
