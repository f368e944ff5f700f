"""Fixtures for the endpoints under `/api/v1/auth/`, with MiniStack's pool or with a stub."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.http import HttpResponse

from tests.api.me.conftest import pool
from tests.support.caller import Caller
from tests.support.pool_stub import EMAIL, PoolStub

__all__ = ["pool"]

PASSWORD = "correct horse battery"
PREFIX = "/api/v1/auth/"

# A valid body for each endpoint, with its required members only.
BODIES: dict[str, dict[str, Any]] = {
    "sign-up": {"email": EMAIL, "password": PASSWORD},
    "confirm": {"email": EMAIL, "code": "123456"},
    "resend-code": {"email": EMAIL},
    "sign-in": {"email": EMAIL, "password": PASSWORD},
    "challenge": {
        "challenge": "SOFTWARE_TOKEN_MFA",
        "session": "a-session",
        "email": EMAIL,
        "answers": {"code": "123456"},
    },
    "refresh": {"refresh_token": "a.b.c.d.e"},
    "sign-out": {"refresh_token": "a.b.c.d.e"},
    "forgot-password": {"email": EMAIL},
    "reset-password": {"email": EMAIL, "code": "123456", "new_password": PASSWORD},
}


class Api:
    """Posts JSON to the endpoints."""

    def __init__(self, call: Caller) -> None:
        self.call = call
        self.secrets = call.secrets

    def __call__(self, path: str, body: object = None, **extra: Any) -> HttpResponse:
        """Post `body` to `auth/<path>`."""
        return self.call(None, PREFIX + path, method="POST", body=body, **extra)

    def send(self, path: str, **changes: object) -> HttpResponse:
        """Post `BODIES[path]` with `changes`."""
        return self(path, BODIES[path] | changes)


@pytest.fixture
def api(call: Caller, aws_credentials: None) -> Api:
    return Api(call)


@pytest.fixture
def stub(stub: PoolStub, monkeypatch: pytest.MonkeyPatch) -> PoolStub:
    # A reset waits until the second of earlier sign-ins has passed. The stub has no sign-ins.
    monkeypatch.setattr(time, "sleep", lambda _: None)
    return stub
