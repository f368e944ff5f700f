"""Fixtures of all tests. Each test has the state of a process that has just started."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.signals import setting_changed
from django.db import connections
from django.test import override_settings
from django.test.client import ClientHandler
from django.utils import translation
from pytest_django.plugin import blocking_manager_key

from accounts import process
from accounts.process import ProcessState
from accounts.process.refusal_tally import RefusalTally
from accounts.process.revocation_list import RevocationList
from cognito.tokens.claims import Claims
from cognito.user_pool.aws_clients import AWSClients
from project.logs.filters import OneLinePerOutage

pytest_plugins = [
    "tests.support.caller",
    "tests.support.application",
    "tests.support.pool_stub",
    "tests.support.provider.deadlines",
    "tests.support.provider.fixtures",
    "tests.support.tokens",
]


class NothingRevoked(RevocationList):
    """A revocation list that never reads the database."""

    def is_revoked(self, _: Claims) -> bool:
        return False


@pytest.fixture(scope="session")
def aws_clients() -> AWSClients:
    """Return the clients that all tests share, because boto3 takes long to create the first one."""
    return AWSClients()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Restore the rows of the migrations after a test that emptied the database.

    A fixture cannot do this, because pytest-django empties the database after all fixtures.
    """
    yield
    mark = item.get_closest_marker("django_db")
    if mark is None or not mark.kwargs.get("transaction"):
        return
    database = connections["default"]
    # Without `serialized_rollback`, pytest-django does not keep the rows.
    rows: str = vars(database)["_test_serialized_contents"]
    with item.config.stash[blocking_manager_key].unblock():
        database.creation.deserialize_db_from_string(rows)


@pytest.fixture(autouse=True)
def fresh_process(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, aws_clients: AWSClients
) -> ProcessState:
    """Return the state of a process that has just started and never stores refusal counts.

    In a test without a database, nothing is revoked.
    """
    fresh = ProcessState(aws=aws_clients)
    fresh.refusals = RefusalTally(write=lambda _: None)  # only with console
    has_database = request.node.get_closest_marker("django_db") or {
        "db",
        "transactional_db",
        "live_server",
    } & set(request.fixturenames)
    if not has_database:
        fresh.revocations = NothingRevoked()
    monkeypatch.setattr(process, "current", fresh)
    # A thread keeps the language of its last request.
    translation.deactivate()
    # The outages of other tests would leave out lines of this test.
    for handler in logging.getLogger().handlers:
        handler.filters[:] = [
            OneLinePerOutage() if isinstance(one, OneLinePerOutage) else one
            for one in handler.filters
        ]
    return fresh


@pytest.fixture(scope="session", autouse=True)
def uncollected_static_files() -> Iterator[None]:
    """Serve static files from the source, because only deployments run `collectstatic`."""
    from_source = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # Otherwise, WhiteNoise would read all collected files for each new client.
    with override_settings(
        STATIC_ROOT=None, STORAGES={**settings.STORAGES, "staticfiles": from_source}
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def shared_middleware() -> Iterator[None]:
    """Let all test clients share their middleware, as all requests to a server do.

    Each client would load the 20 classes again, which takes as long as a small request. A test that
    changes a setting of Django gets new middleware. Ours reads settings with each request.
    """

    loaded: dict[str, object] = {}

    def load(handler: ClientHandler) -> None:
        if not loaded:
            before = set(vars(handler))
            BaseHandler.load_middleware(handler)
            loaded.update({name: vars(handler)[name] for name in vars(handler).keys() - before})
        vars(handler).update(loaded)

    def forget(*, setting: str, **_: object) -> None:
        if not setting.startswith(("COGNITO_", "AWS_")):
            loaded.clear()

    setting_changed.connect(forget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load)
        yield
    setting_changed.disconnect(forget)


@pytest.fixture(scope="session", autouse=True)
def kept_urls() -> Iterator[None]:
    """Keep what Django has computed of each URLconf, which takes as long as several requests.

    It forgets all of it whenever a test begins or ends with another ROOT_URLCONF. The results are
    stored by the name of the URLconf, and modules do not change. A test that replaces a module
    calls `django.urls.base.clear_url_caches` itself.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.urls.clear_url_caches", lambda: None)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix() -> None:
    """Do not add a suffix to the name of the database, which each process has in memory.

    pytest-django does this only for Django's own engine. For ours, it would create a file.
    """
