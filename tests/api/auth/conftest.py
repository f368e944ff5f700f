"""The endpoints under `/api/v1/auth/`, in front of MiniStack's pool or of one that misbehaves."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from cognito.testing import TokenFactory, signing_key
from infra.local.ministack import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from project.logs.configuration import JsonFormatter
from tests.api.me.conftest import pool
from tests.support.pool_stub import PoolStub
from tests.support.provider.server import Server

__all__ = ["pool"]

EMAIL = "ada@example.com"
PASSWORD = "correct horse battery"
PREFIX = "/api/v1/auth/"
# Shorter ones turn up by chance.
SHORTEST_SECRET = 8

# Bodies that each endpoint takes, with members that nothing but it would do without.
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
    """Posts JSON, and remembers what must be in no log."""

    def __init__(self) -> None:
        self._client = Client(raise_request_exception=False)
        self.secrets: list[str] = []

    def __call__(self, path: str, body: object = None, **extra: Any) -> HttpResponse:
        """Posts `body` to `auth/<path>`; `BODIES[path]` with the changes, if it is a mapping."""
        if isinstance(body, dict):
            for name in ("password", "new_password", "refresh_token", "session"):
                if isinstance(body.get(name), str):
                    self.secrets.append(body[name])
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        extra = {"content_type": "application/json"} | extra
        response: HttpResponse = self._client.generic(  # type: ignore[assignment] # the stub's own class
            "POST", PREFIX + path, data=data, **extra
        )
        if response.status_code >= 400:
            answer = response.content.decode()
            assert not [
                one for one in self.secrets if len(one) >= SHORTEST_SECRET and one in answer
            ]
        return response

    def send(self, path: str, **changes: object) -> HttpResponse:
        """`BODIES[path]` with `changes`."""
        return self(path, BODIES[path] | changes)


@pytest.fixture
def api(caplog: pytest.LogCaptureFixture) -> Iterator[Api]:
    """A caller of whose secrets no log line holds one, at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    api = Api()
    yield api
    for record in caplog.get_records("call"):
        line = JsonFormatter().format(record)
        for secret in api.secrets:
            assert len(secret) < SHORTEST_SECRET or secret not in line, record.name


@pytest.fixture(scope="session")
def stub_server() -> Iterator[Server]:
    with Server().running() as server:
        yield server


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the application's role, which sign-ups and resets need."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)


@pytest.fixture
def stub(
    stub_server: Server, settings: Settings, api: Api, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PoolStub]:
    """A pool that does as it is told, which the settings point to."""
    key = signing_key("pool")
    factory = TokenFactory(
        key, issuer=settings.COGNITO_ISSUER, client_id=settings.COGNITO_CLIENT_ID
    )
    settings.COGNITO_JWKS = json.dumps({"keys": [key.jwk()]})
    settings.AWS_ENDPOINT_URL = stub_server.url
    # Tokens of the stub are no sign-ins that a reset could end: nothing has to wait for the clock.
    monkeypatch.setattr(time, "sleep", lambda _: None)
    stub = PoolStub(factory)
    api.secrets.append(settings.COGNITO_CLIENT_SECRET)
    api.secrets = stub.secrets = [*api.secrets, *stub.secrets]
    with stub_server.serving(stub):
        yield stub
