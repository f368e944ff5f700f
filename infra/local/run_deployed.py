"""Deploy to the local AWS, and keep it running until Ctrl-C: `make deploy-local`."""

from __future__ import annotations

import time
from contextlib import suppress

from infra.local.demo import DEMO_PASSWORD, DEMO_USERS
from infra.local.home import Home
from infra.local.local_deployment import deploy_locally, local_stage, local_target, login_pages
from infra.local.ministack import MiniStack
from infra.local.ports import require_free
from infra.local.postgresql import postgresql
from infra.local.stopping import Stopped, stopped_by_signals

_WATCH_SECONDS = 0.5


def run(home: Home, aws_port: int, login_port: int, *, authorizer: str, domain: str | None) -> None:
    """Deploy to an empty local AWS, and watch the processes. Nothing is kept for the next run."""
    require_free(login_port, purpose="the local hosted UI", remedy="LOCAL_LOGIN_PORT=…")
    with suppress(Stopped), stopped_by_signals(), home.occupied("`make deploy-local`"):
        login_url = f"http://localhost:{login_port}"
        with (
            postgresql() as database_url,
            MiniStack.started(
                port=aws_port, scratch=home.empty_scratch(), log=home.logs / "aws.log"
            ) as ministack,
        ):
            stage = local_stage(ministack, authorizer=authorizer, domain=domain)
            target = local_target(ministack, login_url=login_url, stage=stage)
            local = deploy_locally(
                ministack, target, home.directory / "deploy", database_url=database_url
            )
            with login_pages(local, port=login_port, log=home.logs / "login.log") as login:
                print(_banner(local.deployed.public_url), flush=True)
                while True:
                    ministack.child.check()
                    login.check()
                    time.sleep(_WATCH_SECONDS)


def _banner(public_url: str) -> str:
    users = "\n".join(f"  {user.email}  {DEMO_PASSWORD}" for user in DEMO_USERS)
    return (
        f"\nThe bundle runs in Lambda, behind API Gateway:\n\n  {public_url}/\n"
        f"  {public_url}/admin/\n"  # only with console
        f"  {public_url}/api/v1/docs\n"  # only with docs-page
        f"\nSign in as\n\n{users}\n\n"
        "Ctrl-C stops it and deletes everything.\n"
    )
