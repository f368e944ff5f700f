"""The API over HTTP, for a pool whose keys the application knows from the start.

Hardly a test here asks for the database, and without asking a query is an error: so each of them
shows as well that its requests make none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from cognito.testing import KeySetServer
from project.logs.configuration import JsonFormatter
from tests.support.tokens import Forge

ME = "/api/v1/me"


class Caller:
    """Sends requests as a client would, and keeps what must not turn up in a log."""

    def __init__(self) -> None:
        self._client = Client(raise_request_exception=False)
        self.secrets: list[str] = []

    def __call__(
        self,
        unverified_token: str | None = None,
        path: str = ME,
        *,
        method: str = "GET",
        authorization: str | None = None,
        **extra: Any,
    ) -> HttpResponse:
        """The answer; `authorization` is the whole header, for when a token is not enough."""
        if unverified_token is not None:
            authorization = f"Bearer {unverified_token}"
        if authorization is not None:
            extra["HTTP_AUTHORIZATION"] = authorization
            self.secrets.append(authorization.removeprefix("Bearer "))
        response: HttpResponse = self._client.generic(method, path, **extra)  # type: ignore[assignment] # the stub's own class
        return response


@pytest.fixture(scope="session")
def forge() -> Forge:
    """Keys are slow to make, and none of them changes."""
    return Forge.fire()


@pytest.fixture
def known_keys(settings: Settings, forge: Forge) -> None:
    """The application starts with the pool's keys; whoever fetches finds a closed port."""
    settings.COGNITO_JWKS = json.dumps(forge.jwks())


@pytest.fixture
def call(caplog: pytest.LogCaptureFixture) -> Iterator[Caller]:
    """A caller of whose tokens no log line holds one, whatever the test did."""
    caller = Caller()
    yield caller
    # `caplog.text` is empty by now.
    logged = "\n".join(JsonFormatter().format(record) for record in caplog.get_records("call"))
    for secret in caller.secrets:
        assert len(secret) < 16 or secret not in logged


@pytest.fixture
def key_set(forge: Forge, settings: Settings) -> Iterator[KeySetServer]:
    """The pool's first key, published by a server that nobody has asked yet."""
    with KeySetServer(forge.key) as server:
        settings.COGNITO_JWKS, settings.COGNITO_JWKS_URL = "", server.url
        yield server
