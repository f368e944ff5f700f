"""The user pool that `infra local pool` runs for a site."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from infra.environments import APP, ROOT
from infra.local import environment_file
from infra.local.demo import DEMO_PASSWORD
from infra.local.home import Home
from infra.local.ports import free_port
from infra.processes import Child
from infra.tokens import access_token

# The command itself installs packages before it starts, and the environment has them.
COMMAND = "from infra import cli, commands; commands.run(cli.build_parser().parse_args())"
START_SECONDS = 60
STOP_SECONDS = 15


@dataclass(frozen=True)
class Pool:
    """A user pool for a site on `port`, and the variables that the site needs."""

    port: int
    site: str
    variables: Mapping[str, str]

    def token_of(self, email: str) -> str:
        """Return an access token of a demo user."""
        values = self.variables
        cognito = boto3.client(
            "cognito-idp",
            region_name=values["AWS_DEFAULT_REGION"],
            endpoint_url=values["AWS_ENDPOINT_URL"],
            aws_access_key_id=values["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"],
        )
        return access_token(
            cognito,
            client_id=values["COGNITO_CLIENT_ID"],
            client_secret=values["COGNITO_CLIENT_SECRET"],
            email=email,
            password=DEMO_PASSWORD,
        )


@contextmanager
def running_pool(directory: Path) -> Iterator[Pool]:
    port, home, log = free_port(), Home(directory / "home"), directory / "output"
    # No file named like a log: it has the password of the demo users, as intended.
    site = f"http://localhost:{port}/gatehouse"
    ports = ["--aws-port", str(free_port()), "--login-port", str(free_port())]
    arguments = ["local", "pool", "--site", site, *ports, "--home", str(home.directory)]
    child = Child.start(
        "The user pool",
        [APP.python, "-c", COMMAND, *arguments],
        log=log,
        environment={name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ},
        directory=ROOT,
    )
    try:
        started = f"A user pool for {site} runs."
        child.wait_until(lambda: started in log.read_text(), seconds=START_SECONDS)
        yield Pool(port, site, environment_file.read(home.environment_file))
    finally:
        child.stop(seconds=STOP_SECONDS)
