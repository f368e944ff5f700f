"""The provider as pytest fixtures; a conftest.py imports those it wants.

Whatever a test does with them, at its end no secret that the provider ever handed out may be in a
log line or in an answer of the application.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts import conf
from accounts.sign_out import revocation_list
from cognito.tokens.verifier import TokenVerifier
from project.logs.configuration import JsonFormatter
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.pool import AppClient
from tests.support.provider.provider import Provider
from tests.support.provider.server import Server

CLIENT_SECRET = "the-web-client's/own+secret="

NewBrowser = Callable[..., Browser]


@pytest.fixture(scope="session")
def provider_server() -> Iterator[Server]:
    with Server().running() as server:
        yield server


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the application and of the provider."""
    clock = Clock()
    monkeypatch.setattr(time, "time", clock.time)
    monkeypatch.setattr(timezone, "now", clock.now)
    return clock


@pytest.fixture
def provider(
    provider_server: Server,
    clock: Clock,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Provider]:
    """An honest Cognito that the settings point to, and nothing revoked in this process."""
    caplog.set_level(logging.DEBUG)
    client = AppClient(
        client_id=settings.COGNITO_CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uris=frozenset({conf.public_url("accounts:callback")}),
        logout_uris=frozenset({conf.public_url("accounts:logged-out")}),
    )
    provider = Provider(
        provider_server, issuer=settings.COGNITO_ISSUER, client=client, clock=clock.true_time
    )
    settings.COGNITO_CLIENT_SECRET = CLIENT_SECRET
    settings.COGNITO_DOMAIN = settings.AWS_ENDPOINT_URL = provider.url
    settings.COGNITO_JWKS_URL = provider.jwks_url
    # WhiteNoise would look through what was collected, if anything, for each new browser.
    settings.STATIC_ROOT = None
    # A default value is the real clock from the moment it was defined.
    defaults = {**(TokenVerifier.__init__.__kwdefaults__ or {}), "clock": clock.time}
    monkeypatch.setattr(TokenVerifier.__init__, "__kwdefaults__", defaults)
    monkeypatch.setattr(revocation_list, "_of_this_process", revocation_list.RevocationList())
    with provider_server.serving(provider):
        yield provider
    for record in [*caplog.get_records("setup"), *caplog.get_records("call")]:
        line = JsonFormatter().format(record)
        assert not leaked(line, provider), f"a secret is in a log line of {record.name}"


@pytest.fixture
def new_browser(provider: Provider, settings: Settings) -> Iterator[NewBrowser]:
    """Makes browsers, each with cookies of its own."""
    # Nobody has run collectstatic for the tests.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
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
            assert not leaked(part, provider), "a secret is in an answer"


@pytest.fixture
def browser(new_browser: NewBrowser) -> Browser:
    return new_browser()


def leaked(text: str, provider: Provider) -> bool:
    return any(secret in text for secret in provider.secrets)
