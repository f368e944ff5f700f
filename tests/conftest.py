"""What all tests have at hand: a MiniStack with our user pool in it, and a running Gatehouse."""

from __future__ import annotations

import fcntl
import math
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.console import refusal_counts
from accounts.sign_out import revocation_list
from infra import node
from infra.environments import APP, ROOT
from infra.local import django
from infra.local.demo import ensure_demo_users
from infra.local.login_process import login_server
from infra.local.ministack import MiniStack
from infra.local.pool import Pool, application_environment, provision_pool
from infra.local.ports import free_port
from tests.support import static_root
from tests.support.logged_secrets import secrets_in


@pytest.fixture(scope="session", autouse=True)
def nothing_secret_is_logged(everything_logged: Callable[[], list[str]]) -> Iterator[None]:
    """The first to be set up, so that it looks when all servers have stopped."""
    yield
    assert [line for line in everything_logged() if secrets_in(line)] == []


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
    """Pages name static files as they lie in the source: `collectstatic` is for deployments."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix() -> None:
    """Keep the name of the database, which is in the memory of each process.

    pytest-django knows that of Django's own engine only, and would make a file for ours.
    """


@pytest.fixture(scope="session")
def shared_ministack() -> Iterator[MiniStack]:
    with MiniStack.started() as ministack:
        yield ministack


@pytest.fixture
def empty_ministack(shared_ministack: MiniStack) -> MiniStack:
    shared_ministack.reset()
    return shared_ministack


@dataclass(frozen=True)
class Stack:
    """A local AWS with our pool, and the address that a Gatehouse in front of it has to have.

    `login_url` is the local sign-in service's, which writes to `login_log`. `app_url` is where the
    pool's public client may be, if a test serves it. `run` is a directory that all processes of the
    test run share.
    """

    aws: MiniStack
    pool: Pool
    port: int
    login_url: str
    login_log: Path
    app_url: str
    run: Path

    @property
    def public_url(self) -> str:
        return f"http://localhost:{self.port}"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The packages of npm, which `make test` installs beforehand."""
    return node.ensure_packages()


def _directory_of_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Each process that pytest-xdist starts has a directory of its own in that of the run.
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The pool that `make run` makes, demo users and sign-in pages included, on free ports."""
    with MiniStack.started() as aws:
        port, login_port = free_port(), free_port()
        app_url = f"http://localhost:{free_port()}"
        pool = provision_pool(aws, public_url=f"http://localhost:{port}", app_url=app_url)
        ensure_demo_users(aws, pool)
        log = tmp_path_factory.mktemp("login") / "login.log"
        with login_server(aws, pool, port=login_port, log=log):
            run = _directory_of_run(tmp_path_factory)
            yield Stack(aws, pool, port, f"http://localhost:{login_port}", log, app_url, run)


def _collect_static_files(settings: Mapping[str, str], *, run: Path) -> None:
    """Once in a run: another process of it may have a server that reads them."""
    with (run / "static.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if lock.seek(0, os.SEEK_END):
            return
        subprocess.run(
            [APP.python, "manage.py", "collectstatic", "--no-input", "--verbosity=0"],
            cwd=ROOT,
            env=django.process_environment(settings),
            check=True,
            timeout=120,
        )
        lock.write("collected")


@contextmanager
def running_gatehouse(stack: Stack, directory: Path, **changes: str) -> Iterator[Path]:
    """Django in a process of its own, as `make run` starts it; gives the path of its log.

    Args:
        changes: variables that differ from those of `make run`.
    """
    settings = application_environment(
        stack.aws,
        stack.pool,
        public_url=stack.public_url,
        login_url=stack.login_url,
        database_url=f"sqlite:///{directory / 'gatehouse.sqlite3'}",
    )
    settings |= changes
    log = directory / "django.log"
    django.migrate(settings, log=directory / "migrate.log")
    if settings["DJANGO_DEBUG"] == "false":
        settings |= static_root.variables(stack.run / "static")
        _collect_static_files(settings, run=stack.run)
    with django.server(settings, port=stack.port, log=log, reload=False):
        yield log
