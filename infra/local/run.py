"""`make run`: the local AWS, the pool, the demo users, the database and Django, until Ctrl-C."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import NoReturn

from infra.local import django, environment_file
from infra.local.banner import banner
from infra.local.demo import ensure_demo_users
from infra.local.home import Home
from infra.local.ministack import MiniStack
from infra.local.pool import application_environment, provision_pool
from infra.local.ports import require_ports_to_run
from infra.local.stopping import Stopped, stopped_by_signals
from infra.processes import Child
from infra.progress import Step

_WATCH_SECONDS = 0.2


def run(home: Home, *, port: int, aws_port: int) -> None:
    """Run everything until asked to stop.

    Raises InfraError when something is in the way, and ChildDied when a part of it ends by itself;
    nothing goes on running then either.
    """
    with suppress(Stopped), stopped_by_signals():
        require_ports_to_run(port, aws_port)
        with home.occupied(f"`make run` on port {port}"):
            _run(home, port, aws_port)


def _run(home: Home, port: int, aws_port: int) -> NoReturn:
    public_url = f"http://localhost:{port}"
    with MiniStack.started(
        port=aws_port,
        state_dir=home.aws_state,
        scratch=home.empty_scratch(),
        log=home.logs / "aws.log",
    ) as ministack:
        with Step("Preparing the user pool"):
            pool = provision_pool(ministack, public_url=public_url)
            ensure_demo_users(ministack, pool)
        settings = application_environment(
            ministack, pool, public_url=public_url, database_url=home.database_url
        )
        environment_file.write(home.environment_file, settings)
        with Step("Preparing the database"):
            django.migrate(settings, log=home.logs / "migrate.log")
        with django.server(settings, port=port, log=home.logs / "django.log") as server:
            print(banner(home, public_url=public_url), flush=True)
            _watch(server, ministack.child)


def _watch(server: Child, aws: Child) -> NoReturn:
    """Show what Django says, and notice when a part of the whole ends."""
    with server.log.open("rb") as log:
        log.seek(0, 2)
        while True:
            server.check()
            aws.check()
            sys.stdout.buffer.write(log.read())
            sys.stdout.flush()
            time.sleep(_WATCH_SECONDS)
