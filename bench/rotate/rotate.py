"""Rotate all secrets while browser sessions renew, and count those that are signed out.

The application, PostgreSQL and the local Cognito are real. Several processes serve the application
at a time, and a release replaces them one after the other, so that requests of one session meet the
former and the new secrets in any order.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.rotate import renewal_cost
from bench.rotate.fleet import SECRET, Fleet
from bench.rotate.renewal_cost import Cost
from bench.rotate.sessions import Crowd, Session
from infra.deploy.function.secrets import ensure_secrets
from infra.deploy.function.stored_secrets import variables_of
from infra.deploy.rotation.client_secrets import ClientSecrets
from infra.deploy.rotation.kinds import ROTATIONS
from infra.deploy.rotation.rotation import Options
from infra.local import django
from infra.local.demo import DEMO_PASSWORD
from infra.local.login_process import login_server
from infra.local.ministack import MiniStack
from infra.local.pool import Pool, application_environment, provision_pool
from infra.local.ports import free_port
from infra.local.postgresql import postgresql
from infra.users import ensure_user

# Sessions of one user share its row and its limits.
SESSIONS_OF_A_USER = 10
# For how long the processor time of renewals is measured.
COST_SECONDS = 20.0


@dataclass(frozen=True)
class Result:
    """What happened to the sessions while one kind of secret was replaced.

    Attributes:
        interval: the mean number of seconds between two requests of a session.
        failures: answers and connections that failed, by kind. The session survived them.
    """

    kind: str
    sessions: int
    seconds: float
    renewals: int
    releases: int
    signed_out: list[str]
    failures: Counter[str]

    @property
    def interval(self) -> float:
        return self.seconds * self.sessions / max(self.renewals, 1)

    @property
    def a_second(self) -> float:
        return self.renewals / self.seconds


@contextmanager
def crowd(sessions: int, *, threads: int, processes: int = 2) -> Iterator[tuple[Crowd, Fleet]]:
    """Run the application and the sessions, which are signed in, during the block."""
    port, login_port = free_port(), free_port()
    public_url, login_url = f"http://localhost:{port}", f"http://localhost:{login_port}"
    with (
        tempfile.TemporaryDirectory(prefix="gatehouse-rotate-") as work,
        postgresql() as database_url,
        MiniStack.started(log=Path(work) / "aws.log") as aws,
    ):
        directory = Path(work)
        pool = provision_pool(aws, public_url=public_url, login_url=login_url)
        users = -(-sessions // SESSIONS_OF_A_USER)
        _create_users(aws, pool, users)
        stored = ensure_secrets(aws.secretsmanager(), SECRET, database_url=database_url)
        environment = application_environment(
            aws, pool, public_url=public_url, login_url=login_url, database_url=database_url
        )
        fleet = Fleet(
            aws.secretsmanager(),
            _client_secrets(aws, pool, login_url, public_url),
            directory,
            environment | variables_of(stored),
            wait_for_all=lambda: None,
            processes=processes,
        )
        django.migrate(fleet.variables, log=directory / "migrate.log")
        with login_server(aws, pool, port=login_port, log=directory / "login.log"):
            fleet.start()
            try:
                signed_in = _signed_in(sessions, users, public_url, fleet)
                running = Crowd(signed_in, fleet.port, threads=threads)
                fleet.wait_for_all = running.wait_for_all
                running.start()
                try:
                    yield running, fleet
                finally:
                    running.stop()
            finally:
                fleet.stop()


def rotate(kind: str, running: Crowd, fleet: Fleet) -> Result:
    """Replace one kind of secret, and remove the former one as soon as all sessions were used."""
    running.wait_for_all()
    before = sum(session.renewals for session in running.sessions)
    for session in running.sessions:
        session.failures.clear()
    started, releases = time.monotonic(), fleet.releases
    ROTATIONS[kind](
        fleet, Options(say=lambda _: None, confirm=lambda _: True, skips_grace=True)
    ).run()
    running.wait_for_all()
    seconds = time.monotonic() - started
    return Result(
        kind,
        len(running.sessions),
        seconds,
        sum(session.renewals for session in running.sessions) - before,
        fleet.releases - releases,
        [session.signed_out for session in running.sessions if session.signed_out],
        sum((session.failures for session in running.sessions), Counter()),
    )


def measure(sessions: int, *, threads: int) -> tuple[Cost, list[Result]]:
    """Measure what a renewal costs, and replace all secrets, one kind after the other."""
    with crowd(sessions, threads=threads) as (running, fleet):
        cost = renewal_cost.measure(running, fleet, seconds=COST_SECONDS)
        return cost, [rotate(kind, running, fleet) for kind in ROTATIONS]


def table(results: list[Result]) -> str:
    """Return the results as a Markdown table."""
    head = "secret | sessions | renewals | a second | a session every | releases | failed"
    lines = [f"| {head} | signed out |", f"|---|{'--:|' * 7}"]
    lines += [
        f"| {one.kind} | {one.sessions} | {one.renewals:,} | {one.a_second:.1f} "
        f"| {one.interval:.1f} s | {one.releases} | {one.failures.total()} "
        f"| {len(one.signed_out)} |"
        for one in results
    ]
    return "\n".join(lines)


def _create_users(aws: MiniStack, pool: Pool, users: int) -> None:
    cognito = aws.cognito()
    for number in range(users):
        ensure_user(
            cognito,
            user_pool_id=pool.user_pool_id,
            email=_email(number),
            password=DEMO_PASSWORD,
            groups=[],
        )


def _email(number: int) -> str:
    return f"user{number}@example.com"


def _client_secrets(aws: MiniStack, pool: Pool, login_url: str, public_url: str) -> ClientSecrets:
    return ClientSecrets(
        aws.cognito(),
        user_pool_id=pool.user_pool_id,
        client_id=pool.web_client_id,
        token_url=f"{login_url}/oauth2/token",
        redirect_uri=f"{public_url}/accounts/callback/",
    )


def _signed_in(sessions: int, users: int, public_url: str, fleet: Fleet) -> list[Session]:
    found = [Session(public_url) for _ in range(sessions)]

    def sign_in(number: int) -> None:
        found[number].sign_in(fleet.port(), _email(number % users), DEMO_PASSWORD)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(sign_in, range(sessions)))
    return found
