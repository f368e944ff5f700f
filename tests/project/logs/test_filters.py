"""An ordinary refusal is one line, and so is each second of an outage."""

from __future__ import annotations

import json
import logging
import os
import subprocess
from typing import Any

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from infra.environments import APP, ROOT
from project.logs.configuration import JsonFormatter
from project.logs.filters import OneLinePerOutage, OrdinaryRefusals
from tests.support.clock import ManualClock
from tests.support.environment import VARIABLES

REFUSALS: dict[str, type[Exception]] = {
    "forbidden": PermissionDenied,
    "missing": Http404,
    "bad": BadRequest,
    "suspicious": SuspiciousOperation,
}


def refuse(_: HttpRequest, name: str) -> HttpResponse:
    raise REFUSALS[name]("its own words")


urlpatterns = [path("<name>/", refuse)]


class Lines(logging.Handler):
    """The lines that pass the filters, as JSON."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.addFilter(OrdinaryRefusals())
        self.addFilter(OneLinePerOutage(clock))
        self.setFormatter(JsonFormatter())
        self.entries: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.entries.append(json.loads(self.format(record)))

    @property
    def messages(self) -> list[str]:
        return [entry["message"] for entry in self.entries]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1000.0)


@pytest.fixture
def lines(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Make this the only handler, because the filters change a record for later handlers."""
    handler = Lines(clock)
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    return handler


@pytest.mark.parametrize("name", REFUSALS)
def test_ordinary_refusal_is_one_warning_without_a_traceback(
    client: Client, lines: Lines, settings: Settings, name: str
) -> None:
    settings.ROOT_URLCONF = __name__
    assert client.get(f"/{name}/").status_code in {400, 403, 404}
    [entry] = lines.entries
    assert entry["level"] == "WARNING"
    assert "exception" not in entry
    assert "Traceback" not in str(entry)


def test_defect_keeps_its_traceback(lines: Lines) -> None:
    log = logging.getLogger("django.request")
    for _ in range(3):
        log.error(
            "Internal Server Error: /",
            exc_info=RuntimeError("a defect"),
            extra={"status_code": 500},
        )
    assert len(lines.entries) == 3
    assert "RuntimeError: a defect" in lines.entries[0]["exception"]


def fail(error: Exception, address: str = "/a/") -> None:
    logging.getLogger("django.request").error(
        "Service Unavailable: %s", address, exc_info=error, extra={"status_code": 503}
    )


def test_database_outage_is_one_line_a_second(lines: Lines, clock: ManualClock) -> None:
    for error in (OperationalError("refused\nby the host"), InterfaceError("closed")):
        for _ in range(50):
            fail(error)
    assert lines.messages == ["Service Unavailable: /a/ (OperationalError: refused)"]
    assert "exception" not in lines.entries[0]
    clock.now += 1.0
    fail(OperationalError("still"))
    [last] = lines.messages[1:]
    assert last.startswith("Service Unavailable: /a/ (OperationalError: still)")
    assert last.endswith(" [99 more lines like this one were left out]")


def test_failed_statement_on_sqlite_is_not_an_outage(lines: Lines) -> None:
    import sqlite3  # noqa: PLC0415 # the only test that needs it

    with pytest.raises(sqlite3.OperationalError) as caught:
        sqlite3.connect(":memory:").execute("SELECT * FROM missing")
    error = OperationalError("no such table: missing")
    error.__cause__ = caught.value
    for _ in range(2):
        fail(error)
    assert len(lines.entries) == 2
    assert "no such table" in lines.entries[1]["exception"]


def test_each_dependency_has_a_line_of_its_own(lines: Lines, clock: ManualClock) -> None:
    log = logging.getLogger("api")
    for _ in range(20):
        for outage in ("Cognito", "The key set", "The database"):
            log.warning("%s is unavailable: 50%% of it", outage, extra={"outage": outage})
            # The same request again, by its status alone.
            logging.getLogger("django.request").error(
                "Service Unavailable: /b/", extra={"status_code": 503}
            )
    assert lines.messages == [
        f"{outage} is unavailable: 50% of it"
        for outage in ("Cognito", "The key set", "The database")
    ]
    clock.now += 1.0
    logging.getLogger("django.request").error(
        "Service Unavailable: /c/", extra={"status_code": 503}
    )
    assert lines.messages[3:] == [
        "Service Unavailable: /c/ [60 more lines like this one were left out]"
    ]


def test_lines_about_other_things_all_pass(lines: Lines) -> None:
    log = logging.getLogger("accounts")
    for _ in range(5):
        log.warning("A sign-in failed: %s", "wrong_nonce", extra={"outage": ""})
        log.error("The audit trail lacks an event")
    assert len(lines.entries) == 10


OUTAGE = """
import django
django.setup()
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS = ["*"]
settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)
client = Client(raise_request_exception=False)
client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
for _ in range(15):
    assert client.get("/accounts/profile/").status_code == 503
    assert client.get("/").status_code == 503
    body = {"email": "ada@example.com", "password": "a password of hers"}
    answer = client.post("/api/v1/auth/sign-in", body, content_type="application/json")
    assert answer.status_code == 503, answer.content
"""


@pytest.mark.slow
def test_requests_during_a_database_outage_log_no_traceback_each() -> None:
    """Run in a process of its own, with a database that refuses connections."""
    finished = subprocess.run(
        [APP.python, "-W", "ignore", "-c", OUTAGE],
        cwd=ROOT,
        env=os.environ
        | VARIABLES
        | {
            "DJANGO_SETTINGS_MODULE": "project.settings",
            "DATABASE_URL": "postgres://app@127.0.0.1:9/nothing",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    entries = [json.loads(line) for line in finished.stdout.splitlines()]
    assert entries
    assert "Traceback" not in finished.stdout + finished.stderr
    seconds = {entry["time"][:19] for entry in entries}
    assert len(entries) <= 2 * len(seconds), finished.stdout
    assert "127.0.0.1" in entries[0]["message"], "it says what cannot be reached"
