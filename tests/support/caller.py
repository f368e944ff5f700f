"""A client of the JSON API."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.support.log_checks import lines_of

ME = "/api/v1/me"
# Shorter secrets can occur in a text by chance.
SHORTEST_SECRET = 8

_NOTHING = object()
SECRET_MEMBERS = ("password", "old_password", "new_password", "refresh_token", "session")


class Caller:
    """A client that records the secrets in its requests."""

    def __init__(self) -> None:
        self._client = Client(raise_request_exception=False)
        self.secrets: list[str] = []

    def __call__(
        self,
        token: str | None = None,
        path: str = ME,
        *,
        method: str = "GET",
        body: object = _NOTHING,
        authorization: str | None = None,
        **extra: Any,
    ) -> HttpResponse:
        """Send a request and return the response.

        Args:
            token: a bearer token.
            body: sent as JSON; bytes are sent unchanged.
            authorization: the whole `Authorization` header, in place of a token.
            extra: arguments of Django's test client.
        """
        if token is not None:
            authorization = f"Bearer {token}"
        if authorization is not None:
            extra["HTTP_AUTHORIZATION"] = authorization
            self.secrets.append(authorization.removeprefix("Bearer "))
        if body is not _NOTHING:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            extra = {"content_type": "application/json", "data": data} | extra
        if isinstance(body, dict):
            self.secrets += [
                body[name] for name in SECRET_MEMBERS if isinstance(body.get(name), str)
            ]
        response: HttpResponse = self._client.generic(method, path, **extra)  # type: ignore[assignment] # the type stubs name a private class
        if response.status_code >= 400:
            assert not self.leaked(response.content.decode()), "a secret is in a response"
        return response

    def leaked(self, text: str) -> bool:
        """Return whether a text contains a secret."""
        return any(len(one) >= SHORTEST_SECRET and one in text for one in self.secrets)


@pytest.fixture
def call(caplog: pytest.LogCaptureFixture) -> Iterator[Caller]:
    """Yield a client. After the test, check that no log line of any level has its secrets."""
    caplog.set_level(logging.DEBUG)
    caller = Caller()
    yield caller
    for line in lines_of(caplog):
        assert not caller.leaked(line), "a secret is in a log line"
