"""Run the local AWS, the user pool and the hosted UI for a site that runs elsewhere."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import NoReturn

from infra.environments import ROOT
from infra.local import environment_file
from infra.local.demo import DEMO_PASSWORD, DEMO_USERS, ensure_demo_users
from infra.local.home import DEFAULT_HOME, Home
from infra.local.login_process import login_server
from infra.local.ministack import MiniStack
from infra.local.pool import application_environment, provision_pool
from infra.local.ports import require_free
from infra.local.stopping import Stopped, stopped_by_signals
from infra.progress import Step

_WATCH_SECONDS = 0.5
# A site has a database, a secret key and rules of its own.
_LEFT_TO_THE_SITE = ("DATABASE_URL", "DJANGO_DEBUG", "CORS_ALLOWED_ORIGINS")


def run(home: Home, site: str, aws_port: int, login_port: int, *, listen: str) -> None:
    """Run the pool until Ctrl-C or a signal.

    Args:
        site: the PUBLIC_URL of the site, to which the hosted UI sends browsers back.
        listen: the address where the hosted UI listens.

    Raises InfraError when something prevents the start, and ChildDied when a program ends by
    itself.
    """
    with suppress(Stopped), stopped_by_signals():
        # The next port is that of the hosted UI.
        require_free(aws_port, purpose="the local AWS", remedy=f"--aws-port {aws_port + 10}")
        with home.occupied("`infra local pool`"):
            _run(home, site, aws_port, login_port, listen)


def _run(home: Home, site: str, aws_port: int, login_port: int, listen: str) -> NoReturn:
    login_url = f"http://localhost:{login_port}"
    with MiniStack.started(
        port=aws_port,
        state_dir=home.aws_state,
        scratch=home.empty_scratch(),
        log=home.logs / "aws.log",
    ) as ministack:
        with Step("Preparing the user pool"):
            pool = provision_pool(ministack, public_url=site, login_url=login_url)
            ensure_demo_users(ministack, pool)
        settings = application_environment(
            ministack, pool, public_url=site, login_url=login_url, database_url=""
        )
        variables = {name: settings[name] for name in settings if name not in _LEFT_TO_THE_SITE}
        environment_file.write(home.environment_file, variables)
        log = home.logs / "login.log"
        with login_server(
            ministack, pool, port=login_port, log=log, public_url=site, listen=listen
        ) as login:
            print(_banner(home, site, login_url), flush=True)
            while True:
                for part in (login, ministack.child):
                    part.check()
                time.sleep(_WATCH_SECONDS)


def _banner(home: Home, site: str, login_url: str) -> str:
    at_home = "" if home.directory == DEFAULT_HOME else f" --home {home.directory}"
    users = ", ".join(user.email for user in DEMO_USERS)
    return f"""
A user pool for {site} runs.

  In the shell of the site, before it starts:
                eval "$(cd {ROOT} && python3 -m infra local env{at_home})"
  Sign in as    {users}, with the password {DEMO_PASSWORD}
  Mailbox       {login_url}/mailbox shows all e-mails; none is sent
  A token       python3 -m infra token{at_home} --user {DEMO_USERS[-1].email}
  Stop          Ctrl-C. Users are kept.
"""
