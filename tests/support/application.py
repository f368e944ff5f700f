"""Run a local AWS with our user pool, and the application with it, in separate processes."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.environments import APP, ROOT
from infra.local import django
from infra.local.demo import ensure_demo_users
from infra.local.login_process import login_server
from infra.local.ministack import MiniStack
from infra.local.pool import Pool, application_environment, provision_pool
from infra.local.ports import free_port
from infra.setup import node


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
    """A local AWS with our user pool, and the port for an application that uses it.

    Attributes:
        login_url: the address of the local hosted UI, which logs to `login_log`.
        app_url: the address where a test may serve the application of the public client.
        run: a directory that all processes of the test run share.
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
    """Return the directory of the npm packages, which `make test` installs before the tests."""
    return node.ensure_packages()


def directory_of_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory that all processes of the test run share."""
    # Each process of pytest-xdist has its own directory, inside the directory of the run.
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def running_stack(directory: Path, *, run: Path) -> Iterator[Stack]:
    """Run the pool, demo users and hosted UI of `make run` on free ports. Log to `directory`."""
    with MiniStack.started() as aws:
        port, login_port = free_port(), free_port()
        app_url = f"http://localhost:{free_port()}"
        login_url = f"http://localhost:{login_port}"
        public_url = f"http://localhost:{port}"
        pool = provision_pool(aws, public_url=public_url, app_url=app_url, login_url=login_url)
        ensure_demo_users(aws, pool)
        log = directory / "login.log"
        with login_server(aws, pool, port=login_port, log=log, public_url=public_url):
            yield Stack(aws, pool, port, login_url, log, app_url, run)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    run = directory_of_run(tmp_path_factory)
    with running_stack(tmp_path_factory.mktemp("login"), run=run) as stack:
        yield stack


def _collect_static_files(settings: Mapping[str, str], *, run: Path) -> None:
    """Collect static files once in a run, because servers of other processes may read them."""
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


def create_database(file: Path, settings: Mapping[str, str], *, run: Path) -> None:
    """Copy a migrated SQLite database to `file`.

    It is migrated once in a test run, because the migrations take seconds.
    """
    migrated = run / "migrated.sqlite3"
    with (run / "migrated.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not migrated.exists():
            new = run / "migrating.sqlite3"
            variables = {**settings, "DATABASE_URL": f"sqlite:///{new}"}
            django.migrate(variables, log=run / "migrate.log")
            new.rename(migrated)
    shutil.copyfile(migrated, file)


@contextmanager
def running_application(stack: Stack, directory: Path, **changes: str) -> Iterator[Path]:
    """Run Django as `make run` does, with `changes` to its variables. Yield the path of its log."""
    database = directory / "gatehouse.sqlite3"
    settings = application_environment(
        stack.aws,
        stack.pool,
        public_url=stack.public_url,
        login_url=stack.login_url,
        database_url=f"sqlite:///{database}",
    )
    settings |= changes
    create_database(database, settings, run=stack.run)
    log = directory / "django.log"
    if settings["DJANGO_DEBUG"] == "false":
        settings |= {
            "DJANGO_SETTINGS_MODULE": "tests.support.collected_settings",
            "TESTS_STATIC_ROOT": str(stack.run / "static"),
        }
        _collect_static_files(settings, run=stack.run)
    with django.server(settings, port=stack.port, log=log, reload=False):
        yield log
