"""Run Django's own programs with the environment of the local stack."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from infra.environments import APP, ROOT
from infra.local.ports import LOOPBACK, is_answering
from infra.processes import Child

_MIGRATE_SECONDS = 120.0
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0


def process_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the developer's environment with `settings` on top.

    It leaves out the developer's AWS profile and credentials, and any other settings module.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and name != "DJANGO_SETTINGS_MODULE"
    }
    # A proxy would look for localhost on its own machine.
    loopback = {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    return {**inherited, **settings, **loopback, "PYTHONUNBUFFERED": "1"}


@contextmanager
def migration(settings: Mapping[str, str], *, log: Path) -> Iterator[Callable[[], None]]:
    """Migrate the database while the block runs. The block must call the function that it gets.

    The function waits for the end of the migration, and raises ChildDied if it failed.
    """
    child = Child.start(
        "The database migration",
        [APP.python, "manage.py", "migrate", "--no-input"],
        log=log,
        environment=process_environment(settings),
        directory=ROOT,
    )
    try:
        yield lambda: child.wait_for_success(seconds=_MIGRATE_SECONDS)
    finally:
        child.stop(seconds=_STOP_SECONDS)


def migrate(settings: Mapping[str, str], *, log: Path) -> None:
    """Migrate the database. Raises ChildDied."""
    with migration(settings, log=log) as wait_for_migration:
        wait_for_migration()


@contextmanager
def server(
    settings: Mapping[str, str], *, port: int, log: Path, reload: bool = True
) -> Iterator[Child]:
    """Run Django's development server on loopback during the block, which starts when it answers.

    `reload`: whether the server restarts when a source file changes. Raises ChildDied.
    """
    with starting_server(settings, port=port, log=log, reload=reload) as child:
        wait_for_server(child, port)
        yield child


@contextmanager
def starting_server(
    settings: Mapping[str, str], *, port: int, log: Path, reload: bool = True
) -> Iterator[Child]:
    """Do the same as `server`, but begin the block at once."""
    options = [] if reload else ["--noreload"]
    child = Child.start(
        "Django",
        [APP.python, "manage.py", "runserver", *options, f"{LOOPBACK}:{port}"],
        log=log,
        environment=process_environment(settings),
        directory=ROOT,
    )
    try:
        yield child
    finally:
        child.stop(seconds=_STOP_SECONDS)


def wait_for_server(child: Child, port: int) -> None:
    child.wait_until(lambda: is_answering(port, "/healthz"), seconds=_START_SECONDS)
