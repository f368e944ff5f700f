"""Set the environment variables of the tests before Django reads them. A pytest plugin.

The user pool does not exist. Tests serve its responses on loopback.
"""

from __future__ import annotations

import os
import sys

from infra.environments import VENVS

VARIABLES = {
    "DJANGO_DEBUG": "false",
    "DJANGO_SECRET_KEY": "tests-only:" + "0123456789" * 5,
    "PUBLIC_URL": "http://localhost:8000",
    "DATABASE_URL": "sqlite://:memory:",
    "COGNITO_REGION": "eu-west-1",
    "COGNITO_USER_POOL_ID": "eu-west-1_TestPool1",
    "COGNITO_CLIENT_ID": "webclient1234567890",
    "COGNITO_CLIENT_SECRET": "a-client-secret-for-tests",
    "COGNITO_DOMAIN": "http://127.0.0.1:9",
    "COGNITO_JWKS_URL": "http://127.0.0.1:9/eu-west-1_TestPool1/.well-known/jwks.json",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_EC2_METADATA_DISABLED": "true",
    "TOKEN_ENCRYPTION_KEYS": "dGVzdHMtb25seTotLS0tLS0tLS0tLS0tLS0tLS0tLS0=",
}

for _name in [name for name in os.environ if name.startswith(("COGNITO_", "AWS_", "DJANGO_"))]:
    del os.environ[_name]
os.environ.update(VARIABLES)
# Python keeps what it compiles in __pycache__, also in an environment that forbids it. pytest
# rewrites the assertions of every test file, which takes each process ten seconds, and each command
# of a project that a test makes would compile the whole application again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Hypothesis keeps failed examples for the next run, but not in the checkout.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(VENVS / "hypothesis"))
