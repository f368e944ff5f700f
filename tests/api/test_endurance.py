"""Resources of a process after many requests."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.handlers.wsgi import WSGIHandler

from api.wire.wsgi import TolerantHandler
from cognito.testing import TokenFactory
from tests.support.caller import ME
from tests.support.memory import resident_bytes

# At the end of each request, Django checks its connections to the database.
pytestmark = [pytest.mark.usefixtures("known_keys"), pytest.mark.django_db]


@pytest.fixture
def _unlogged() -> Iterator[None]:
    """Disable logging, because pytest keeps the log record of every refused request."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def mixed_headers(tokens: TokenFactory) -> list[str]:
    """Return more valid tokens than the cache holds, and as many invalid ones of every kind."""
    good = [tokens.access(jti=str(n)) for n in range(1500)]
    bad = [
        *[f"{token.rpartition('.')[0]}.{'A' * 342}" for token in good[:500]],
        *[tokens.access(exp=n) for n in range(300)],
        *[token[:-n] for n, token in enumerate(good[:300], start=1)],
        *["x" * n for n in range(1, 400)],
    ]
    return [header for pair in zip(good, cycle(bad)) for header in pair]


def start_response(*_: Any) -> Callable[[bytes], object]:
    return lambda _: None


def answer_to(application: WSGIHandler, authorization: str) -> int:
    """Return the status. Django's test client would keep some memory of each request."""
    environ = {
        "PATH_INFO": ME,
        "HTTP_HOST": "localhost:8000",
        "HTTP_AUTHORIZATION": authorization,
    }
    setup_testing_defaults(environ)
    response = application(environ, start_response)
    response.close()
    return response.status_code


@pytest.mark.usefixtures("_unlogged")
def test_twenty_thousand_mixed_requests_leak_no_memory_files_or_threads(
    tokens: TokenFactory,
) -> None:
    headers = [f"Bearer {token}" for token in mixed_headers(tokens)]
    application = TolerantHandler()

    def send(count: int) -> set[int]:
        return {answer_to(application, header) for header in islice(cycle(headers), count)}

    assert send(len(headers)) == {200, 401}
    before, files, threads = resident_bytes(), open_files(), threading.active_count()

    assert send(20_000) == {200, 401}

    assert resident_bytes() - before < 10_000_000
    assert open_files() == files
    assert threading.active_count() == threads
