"""The search for secrets in the logs at the end of a test run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.demo import DEMO_PASSWORD
from tests.support.log_checks import secrets_in


@pytest.mark.parametrize(
    "line",
    [
        "GET /accounts/callback/?code=5f3c8a90-0000&state=x HTTP/1.1",
        "token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlIGhlcmU was refused",
        f"password {DEMO_PASSWORD}",
    ],
)
def test_search_finds_a_secret(line: str) -> None:
    assert secrets_in(line)


def test_source_line_in_a_traceback_is_not_reported() -> None:
    assert not secrets_in("sessions.begin(request, user, refresh_token=tokens.refresh_token)")


def test_search_reads_the_logs_of_this_process_and_its_children(
    everything_logged: Callable[[], list[str]], tmp_path: Path
) -> None:
    logging.getLogger("accounts").warning("A line of this process.")
    (tmp_path / "django.log").write_text("A line of a child.\n")
    found = everything_logged()
    assert "A line of a child." in found
    assert any("A line of this process." in line for line in found)
