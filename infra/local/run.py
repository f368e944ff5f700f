"""Run the local AWS, the user pool, the hosted UI and Django: `make run`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from infra.local import django, environment_file
from infra.local.banner import banner
from infra.local.demo import ensure_demo_users
from infra.local.home import Home
from infra.local.login_process import starting_login, wait_for_login
from infra.local.ministack import MiniStack
from infra.local.pool import (
    application_environment,
    environment_before_first_run,
    provision_pool,
)
from infra.local.ports import Ports
from infra.local.stopping import Stopped, stopped_by_signals
from infra.processes import Child
from infra.progress import Step

_WATCH_SECONDS = 0.2


def run(home: Home, ports: Ports) -> None:
    """Run everything until Ctrl-C or a signal.

    Raises InfraError when something prevents the start, and ChildDied when one of the programs ends
    by itself. The others are stopped then.
    """
    with suppress(Stopped), stopped_by_signals():
        ports.require()
        with home.occupied(f"`make run` on port {ports.app}"):
            _run(home, ports)


def _run(home: Home, ports: Ports) -> NoReturn:
    public_url, login_url = f"http://localhost:{ports.app}", f"http://localhost:{ports.login}"
    with (
        # The migration does not need the user pool, so it runs while the local AWS starts.
        django.migration(
            environment_before_first_run(home.database_url), log=home.logs / "migrate.log"
        ) as wait_for_migration,
        MiniStack.started(
            port=ports.aws,
            state_dir=home.aws_state,
            scratch=home.empty_scratch(),
            log=home.logs / "aws.log",
        ) as ministack,
    ):
        with Step("Preparing the user pool"):
            pool = provision_pool(ministack, public_url=public_url, login_url=login_url)
            ensure_demo_users(ministack, pool)
        settings = application_environment(
            ministack,
            pool,
            public_url=public_url,
            login_url=login_url,
            database_url=home.database_url,
        )
        environment_file.write(home.environment_file, settings)
        with Step("Preparing the database"):
            wait_for_migration()
        with (
            starting_login(
                ministack,
                pool,
                port=ports.login,
                log=home.logs / "login.log",
                public_url=public_url,
            ) as login,
            django.starting_server(
                settings, port=ports.app, log=home.logs / "django.log"
            ) as server,
        ):
            wait_for_login(login, ports.login)
            django.wait_for_server(server, ports.app)
            print(banner(home, public_url=public_url, login_url=login_url), flush=True)
            _watch(server, [server, login, ministack.child])


def _watch(server: Child, parts: Sequence[Child]) -> NoReturn:
    """Print Django's log, and raise ChildDied when one of the programs ends."""
    with server.log.open("rb") as log:
        log.seek(0, 2)
        while True:
            for part in parts:
                part.check()
            sys.stdout.buffer.write(log.read())
            sys.stdout.flush()
            time.sleep(_WATCH_SECONDS)
