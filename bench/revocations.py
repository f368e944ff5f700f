"""Measure how a new process reads the revocations of 500,000 users from PostgreSQL."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cognito.tokens.claims import Claims

USERS = 500_000
# The maximum wait of a request in a new process, in seconds, and of the whole list, in MB.
WAIT_BUDGET = 1.0
MEMORY_BUDGET = 150.0
FILL = """
INSERT INTO accounts_revocation (issuer, origin_jti, sub, signed_in_until, expires_at)
SELECT %s, '', gen_random_uuid()::text, now(), now() + interval '31 days'
FROM generate_series(1, %s)
"""


@dataclass(frozen=True, slots=True)
class Result:
    """The seconds of each request, the seconds until the list is complete, and its memory."""

    requests: list[float]
    loading: float
    megabytes: float

    @property
    def is_within_budget(self) -> bool:
        return max(self.requests) <= WAIT_BUDGET and self.megabytes <= MEMORY_BUDGET


def measure(users: int = USERS) -> Result:
    """Check a token in one request after another until the list is complete.

    Django must be set up. If it is called again, the number of users must be higher.
    """
    from django.core.management import call_command  # noqa: PLC0415 # as the docstring says
    from django.db import connection  # noqa: PLC0415

    from accounts.models import Revocation  # noqa: PLC0415
    from accounts.process import revocation_list  # noqa: PLC0415
    from cognito import deadlines  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    claims = _claims()
    with connection.cursor() as cursor:
        cursor.execute(FILL, [claims.issuer, users - Revocation.objects.count()])
        cursor.execute("VACUUM ANALYZE accounts_revocation")
    # The first query of a process loads modules, which this benchmark does not measure.
    Revocation.objects.first()
    kept = revocation_list.RevocationList()
    memory, began, times = _megabytes(), time.perf_counter(), []
    while not kept.is_complete:
        asked = time.perf_counter()
        with deadlines.running(deadlines.REQUEST):
            is_revoked = kept.is_revoked(claims)
        if is_revoked:
            raise RuntimeError("a token that is not revoked was refused")
        times.append(time.perf_counter() - asked)
    return Result(times, time.perf_counter() - began, _megabytes() - memory)


def table(result: Result) -> str:
    """Return the result as a Markdown table."""
    return "\n".join(
        [
            f"| a new process, {USERS:,} users who signed out everywhere | measured | budget |",
            "|---|--:|--:|",
            f"| memory of the whole list | {result.megabytes:.0f} MB | {MEMORY_BUDGET:.0f} MB |",
            f"| longest wait of a request | {max(result.requests):.2f} s | {WAIT_BUDGET:.2f} s |",
            f"| median wait of a request | {1000 * median(result.requests):.1f} ms | |",
            f"| until the list is complete | {result.loading:.1f} s | |",
        ]
    )


def _claims() -> Claims:
    from cognito.tokens.claims import Claims  # noqa: PLC0415 # as above

    now = int(time.time())
    return Claims(
        issuer="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_BenchPool",
        sub="a user who is signed in",
        username="ada",
        token_use="access",  # a kind of token, not a secret
        client_id="benchclient",
        expires_at=now + 900,
        issued_at=now,
        origin_jti="a sign-in that goes on",
        scope_claim="",
        groups_claim=(),
        is_listed_client=True,
        actors=(),
        json=b"{}",
    )


def _megabytes() -> float:
    """Return the peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
