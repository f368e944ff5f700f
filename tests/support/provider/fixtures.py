"""The pytest fixtures of the provider.

After each test that uses them, no log line and no response of the application may contain a secret
of the provider.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.support.log_checks import lines_of
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.provider import Provider
from tests.support.provider.server import Server

NewBrowser = Callable[..., Browser]


@pytest.fixture(scope="session")
def cognito_server() -> Iterator[Server]:
    with Server().running() as server:
        yield server


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock of the application and of the provider."""
    clock = Clock()
    monkeypatch.setattr(time, "time", clock.time)
    monkeypatch.setattr(timezone, "now", clock.now)
    return clock


@pytest.fixture
def provider(
    *,
    cognito_server: Server,
    clock: Clock,
    aws_credentials: None,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Provider]:
    """Yield a provider that behaves correctly, and that the settings name."""
    caplog.set_level(logging.DEBUG)
    provider = Provider(cognito_server, clock=clock.true_time)
    for name in ("COGNITO_CLIENT_SECRET", "COGNITO_DOMAIN", "COGNITO_JWKS_URL", "AWS_ENDPOINT_URL"):
        setattr(settings, name, provider.variables[name])
    with cognito_server.serving(provider):
        yield provider
    for line in lines_of(caplog):
        assert not leaked(line, provider), "a secret is in a log line"


@pytest.fixture
def new_browser(provider: Provider) -> Iterator[NewBrowser]:
    """Yield a function that makes browsers, each with its own cookies."""
    made: list[Browser] = []

    def make(**defaults: Any) -> Browser:
        made.append(Browser(provider, **defaults))
        return made[-1]

    yield make
    for answer in [answer for browser in made for answer in browser.answers]:
        head = "\n".join(f"{name}: {value}" for name, value in answer.items())
        cookies = answer.cookies.output()
        body = b"".join(answer) if answer.streaming else answer.content
        for part in (head, cookies, body.decode("utf-8", "replace")):
            assert not leaked(part, provider), "a secret is in a response"


@pytest.fixture
def browser(new_browser: NewBrowser) -> Browser:
    return new_browser()


def leaked(text: str, provider: Provider) -> bool:
    return any(secret in text for secret in provider.secrets)
