"""Reports of the real client of Sentry, which patches Django and so runs in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from infra.environments import ROOT
from project.reports.start import start

SECRETS = {
    "password": "correct horse battery",
    "cookie": "cookie-value-of-a-session",
    "code": "4f2a9b7c-code-of-a-sign-in",
    "email": "ada@example.com",
    "token": "eyJraWQiOiJhIn0.eyJzdWIiOiJiIn0.c2lnbmF0dXJl",
    "local": "a-local-variable-of-the-view",
    "body": "text-of-a-private-note",
    "sub": "5c1d2e3f-1111-4222-8333-444455556666",
}
SCRIPT = """
import json, logging, sys
secrets = json.loads(sys.argv[1])
from django.conf import settings
import project.wsgi
from project.reports.start import start
from sentry_sdk.transport import Transport

class Kept(Transport):
    def capture_envelope(self, envelope):
        for item in envelope.items:
            print("REPORT " + json.dumps(item.payload.json))

settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)
settings.SENTRY_DSN = "https://key@sentry.example.com/1"
assert start(transport=Kept)
from django.test import RequestFactory
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
import project.urls

@csrf_exempt
def view(request):
    local = secrets["local"]
    body = request.body
    logging.getLogger("accounts").warning("before %s", secrets["email"])
    raise ValueError(
        f"no note of {secrets['email']} and {secrets['sub']} with {secrets['token']}, "
        f"password={secrets['password']!r}"
    )

project.urls.urlpatterns.insert(0, path("fail", view))
factory = RequestFactory()
factory.cookies["session"] = secrets["cookie"]
environ = factory.post(
    "/fail?code=" + secrets["code"],
    {"password": secrets["password"], "text": secrets["body"]},
    HTTP_AUTHORIZATION="Bearer " + secrets["token"],
    HTTP_HOST="localhost:8000",
).environ
statuses = []
answer = project.wsgi.application(environ, lambda status, *_: statuses.append(status))
b"".join(answer)
answer.close()
assert statuses == ["500 Internal Server Error"], statuses
import sentry_sdk
sentry_sdk.flush(2)
"""


@pytest.fixture(scope="module")
def reports() -> list[dict[str, Any]]:
    """Return the reports of a view that fails with secrets everywhere."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(SECRETS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [
        json.loads(line.removeprefix("REPORT "))
        for line in done.stdout.splitlines()
        if line.startswith("REPORT ")
    ]


@pytest.mark.slow
def test_failed_request_is_reported_with_its_traceback(reports: list[dict[str, Any]]) -> None:
    errors = [report for report in reports if "exception" in report]
    assert errors
    value = errors[0]["exception"]["values"][-1]
    assert value["type"] == "ValueError"
    assert value["value"].startswith("no note of [removed]")
    assert value["stacktrace"]["frames"][-1]["function"] == "view"
    assert errors[0]["request"]["method"] == "POST"
    assert errors[0]["request"]["url"].endswith("/fail")
    assert errors[0]["release"]


@pytest.mark.parametrize("name", SECRETS)
def test_report_holds_no_secret(reports: list[dict[str, Any]], name: str) -> None:
    assert SECRETS[name] not in json.dumps(reports)


def test_reports_that_are_off_start_nothing(settings: Settings) -> None:
    settings.SENTRY_DSN = ""
    assert start() is False


def test_missing_client_stops_the_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SENTRY_DSN = "https://key@sentry.example.com/1"
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(ImproperlyConfigured, match=r"requirements/sentry\.txt"):
        start()
