"""What every test has: fixtures of tests.support, and a process that has just started."""

from __future__ import annotations

import math

import pytest
from pytest_django import Settings

from accounts.console import refusal_counts
from accounts.process import revocation_list

pytest_plugins = [
    "tests.support.caller",
    "tests.support.gatehouse",
    "tests.support.pool_stub",
    "tests.support.provider.deadlines",
    "tests.support.provider.fixtures",
    "tests.support.tokens",
]


@pytest.fixture(autouse=True)
def fresh_revocations(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> revocation_list.RevocationList:
    """A process that has just started. In a test without a database, nothing is revoked."""
    fresh = revocation_list.RevocationList()
    has_database = request.node.get_closest_marker("django_db") or {
        "db",
        "transactional_db",
        "live_server",
    } & set(request.fixturenames)
    if not has_database:
        monkeypatch.setattr(fresh, "_pull_at", math.inf)
        monkeypatch.setattr(fresh, "_pulled_at", math.inf)
    monkeypatch.setattr(revocation_list, "_of_this_process", fresh)
    return fresh


@pytest.fixture(autouse=True)
def fresh_refusals(monkeypatch: pytest.MonkeyPatch) -> refusal_counts.RefusalTally:
    """Nothing is refused so far, and nothing written: a test may have no database."""
    fresh = refusal_counts.RefusalTally()
    monkeypatch.setattr(fresh, "_write_at", math.inf)
    monkeypatch.setattr(refusal_counts, "_of_this_process", fresh)
    return fresh


@pytest.fixture(autouse=True)
def uncollected_static_files(settings: Settings) -> None:
    """Serve static files from the source, because only deployments run `collectstatic`."""
    # WhiteNoise would read the collected files, if there are any, for each new client.
    settings.STATIC_ROOT = None
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix() -> None:
    """Keep the name of the database, which is in the memory of each process.

    pytest-django knows that of Django's own engine only, and would make a file for ours.
    """
