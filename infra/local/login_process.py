"""Run the local hosted UI as a process beside MiniStack and Django."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.environments import APP, ROOT
from infra.local.demo import demo_users_of_the_login
from infra.local.django import process_environment
from infra.local.ministack import MiniStack
from infra.local.pool import Pool
from infra.local.ports import LOOPBACK, is_answering, require_free
from infra.processes import Child
from infra.site import site_colors

_START_SECONDS = 30.0
_STOP_SECONDS = 5.0


@contextmanager
def login_server(
    ministack: MiniStack,
    pool: Pool,
    *,
    port: int,
    log: Path,
    public_url: str = "",
    listen: str = LOOPBACK,
) -> Iterator[Child]:
    """Serve the pages of `pool` during the block, which starts when they answer.

    With `public_url`, the application's address, the pages link to it and offer the demo users.

    Raises PortBusy or ChildDied.
    """
    with starting_login(
        ministack, pool, port=port, log=log, public_url=public_url, listen=listen
    ) as child:
        wait_for_login(child, port)
        yield child


@contextmanager
def starting_login(
    ministack: MiniStack,
    pool: Pool,
    *,
    port: int,
    log: Path,
    public_url: str = "",
    listen: str = LOOPBACK,
) -> Iterator[Child]:
    """Do the same as `login_server`, but begin the block at once. Raises PortBusy."""
    # Another program on this port could be mistaken for the service.
    require_free(
        port,
        purpose="the local hosted UI",
        remedy=f"make run LOCAL_LOGIN_PORT={port + 1}",
    )
    command: list[str | Path] = [APP.python, "-m", "local_cognito.login", "--port", str(port)]
    command += ["--aws-endpoint-url", ministack.endpoint_url, "--user-pool-id", pool.user_pool_id]
    command += ["--listen", listen]
    if public_url:
        command += ["--application-url", public_url, "--demo-users", demo_users_of_the_login()]
    child = Child.start(
        "The local hosted UI",
        command,
        log=log,
        environment=process_environment(site_colors(os.environ)),
        directory=ROOT,
    )
    try:
        yield child
    finally:
        child.stop(seconds=_STOP_SECONDS)


def wait_for_login(child: Child, port: int) -> None:
    child.wait_until(
        lambda: is_answering(port, "/.well-known/openid-configuration"), seconds=_START_SECONDS
    )
