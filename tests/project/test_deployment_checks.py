"""`manage.py check --deploy` with the environment of a deployment, in a process of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
DEPLOYED = VARIABLES | {
    "DJANGO_SECRET_KEY": secrets.token_urlsafe(64),
    "COGNITO_DOMAIN": "https://example.auth.eu-west-1.amazoncognito.com",
    "COGNITO_JWKS_URL": "",
    "AWS_ENDPOINT_URL": "",
    "DATABASE_URL": "postgres://gatehouse:password@127.0.0.1:9/gatehouse",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "public_url", ["https://app.example.com", "https://abc.execute-api.eu-west-1.amazonaws.com/dev"]
)
def test_deployment_passes_every_check(public_url: str) -> None:
    finished = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **DEPLOYED, "PUBLIC_URL": public_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "System check identified no issues" in finished.stdout + finished.stderr
