"""Deploy to the local AWS, and keep it running until Ctrl-C: `make deploy-local`."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from infra.local.demo import DEMO_PASSWORD, DEMO_USERS
from infra.local.home import Home
from infra.local.inventory import everything
from infra.local.local_deployment import (
    LocalDeployment,
    deploy_locally,
    local_stage,
    local_target,
    login_pages,
)
from infra.local.ministack import MiniStack
from infra.local.ports import require_free
from infra.local.postgresql import postgresql
from infra.local.rehearsal import rehearse
from infra.local.stopping import Stopped, stopped_by_signals

_WATCH_SECONDS = 0.5


def run(
    home: Home, aws_port: int, login_port: int, *, options: Mapping[str, Any], rehearses: bool
) -> None:
    """Deploy to an empty local AWS, and watch the processes. Nothing is kept for the next run.

    Args:
        options: settings of the stage, with the names of options.py.
        rehearses: whether to rehearse the life of the stage and end, without sign-in pages.
    """
    require_free(login_port, purpose="the local hosted UI", remedy="LOCAL_LOGIN_PORT=…")
    with suppress(Stopped), stopped_by_signals(), home.occupied("`make deploy-local`"):
        login_url = f"http://localhost:{login_port}"
        with (
            postgresql() as database_url,
            MiniStack.started(
                port=aws_port, scratch=home.empty_scratch(), log=home.logs / "aws.log"
            ) as ministack,
        ):
            stage = local_stage(ministack, **options)
            target = local_target(ministack, login_url=login_url, stage=stage)
            before, began = everything(target), time.monotonic()
            local = deploy_locally(
                ministack, target, home.directory / "deploy", database_url=database_url
            )
            print(f"Deployed in {time.monotonic() - began:.0f} s.", flush=True)
            if rehearses:
                for line in rehearse(target, local.directory, before, database_url=database_url):
                    print(line, flush=True)
                return
            with login_pages(local, port=login_port, log=home.logs / "login.log") as login:
                print(_banner(local, login_url, options), flush=True)
                while True:
                    ministack.child.check()
                    login.check()
                    time.sleep(_WATCH_SECONDS)


def _banner(local: LocalDeployment, login_url: str, options: Mapping[str, Any]) -> str:
    public_url = local.deployed.public_url
    users = "\n".join(f"  {user.email}  {DEMO_PASSWORD}" for user in DEMO_USERS)
    chosen = "\n".join(f"  {name} = {json.dumps(value)}" for name, value in options.items())
    return (
        f"\nThe bundle runs in Lambda, behind API Gateway:\n\n  {public_url}/\n"
        f"  {public_url}/admin/\n"  # only with console
        f"  {public_url}/api/v1/docs\n"  # only with docs-page
        f"\nMails\n\n  {login_url}/mailbox\n\nThe local AWS\n\n  {local.ministack.endpoint_url}\n\n"
        f"Options\n\n{chosen or '  none'}\n\n"
        f"Sign in as\n\n{users}\n\n"
        "Ctrl-C stops it and deletes everything.\n"
    )
