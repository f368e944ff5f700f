"""Measure the cost of metrics for a request that writes no line, and for one that writes a line."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command

from accounts import process
from accounts.process.refusal_tally import RefusalTally
from bench import wsgi_client
from bench.race import Budget, Contestant, Results, race
from cognito.testing import TokenFactory, signing_key

ME = "/api/v1/me"
SILENT_OFF = "`GET /api/v1/me`, metrics off"
SILENT_ON = "the same, metrics on: it writes nothing"
REFUSED_OFF = "a refused token, metrics off"
REFUSED_ON = "the same, metrics on: it writes a line"
BUDGETS = (Budget(SILENT_ON, SILENT_OFF, 1.05), Budget(REFUSED_ON, REFUSED_OFF, 1.25))


def measure(rounds: int, batch: int) -> Results:
    """Compare an application whose metrics are off with one whose metrics are on.

    Log lines are formatted as in production, and written to the null device.
    """
    key = signing_key("bench")
    issuer, client_id = settings.COGNITO_ISSUER, settings.COGNITO_CLIENT_ID
    factory = TokenFactory(key, issuer=issuer, client_id=client_id)
    settings.COGNITO_JWKS = json.dumps({"keys": [key.jwk()]})
    call_command("migrate", verbosity=0)
    process.current.refusals = RefusalTally(write=lambda _: None)  # only with console
    off = WSGIHandler()
    settings.METRICS_SERVICE, settings.METRICS_TOKEN = "bench", "t" * 32
    on = WSGIHandler()
    accepted = {
        name: wsgi_client.get(app, ME) for name, app in ((SILENT_OFF, off), (SILENT_ON, on))
    }
    refused = {
        name: wsgi_client.get(app, ME, status=HTTPStatus.UNAUTHORIZED)
        for name, app in ((REFUSED_OFF, off), (REFUSED_ON, on))
    }
    contestants = [
        *(Contestant(name, send, beforehand=send) for name, send in accepted.items()),
        *(Contestant(name, _without_signature(send)) for name, send in refused.items()),
    ]
    batches = [[factory.access() for _ in range(batch)] for _ in range(rounds)]
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    with Path(os.devnull).open("w") as nowhere:
        before = handler.setStream(nowhere)
        try:
            return race(contestants, batches)
        finally:
            handler.setStream(before)


def _without_signature(send: Callable[[str], object]) -> Callable[[str], object]:
    """Return a function that sends a part of a token, which is refused before any cryptography."""
    return lambda token: send(token.rpartition(".")[0])
