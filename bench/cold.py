"""Cold starts: a fresh process, the bundle as Lambda unpacks it, the first answer to an event.

Contestants take turns, so that whatever else the machine does falls on all of them alike. What is
compared is processor time: on Lambda a start waits for little else, and here nothing else is quiet.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.cold_bundles import Unpacked

# Budgets: of processor time, as ratios, and of the zip.
TO_STOCK = 0.30
TO_BARE = 1.25
MAXIMUM_BYTES = 18_000_000

ROUNDS_BEFORE = 1  # files come from the disk once

EVENT = {
    "resource": "/{proxy+}",
    "path": "/api/v1/me",
    "httpMethod": "GET",
    "headers": {"Host": "abc.execute-api.eu-west-1.amazonaws.com", "X-Forwarded-Proto": "https"},
    "multiValueHeaders": {
        "Host": ["abc.execute-api.eu-west-1.amazonaws.com"],
        "X-Forwarded-Proto": ["https"],
    },
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "stageVariables": None,
    "requestContext": {
        "stage": "dev",
        "path": "/dev/api/v1/me",
        "identity": {"sourceIp": "203.0.113.9"},
    },
    "body": None,
    "isBase64Encoded": False,
}

# Not this environment's: on Lambda nothing is there but the bundle and the standard library.
PYTHON = f"{sys.base_prefix}/bin/python3"

PROBE = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
module, _, name = sys.argv[2].rpartition(".")
class Context:
    aws_request_id = "bench"
answer = getattr(importlib.import_module(module), name)(json.loads(sys.argv[3]), Context())
sys.exit(0 if answer["statusCode"] == int(sys.argv[4]) else f"answered {answer}")
"""

VARIABLES = {
    "PATH": os.environ.get("PATH", os.defpath),
    # As on Lambda, where the bundle is read-only.
    "PYTHONDONTWRITEBYTECODE": "1",
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "DJANGO_SECRET_KEY": "for-the-benchmark-only:" + "0123456789" * 5,
    "TOKEN_ENCRYPTION_KEYS": "dGVzdHMtb25seTotLS0tLS0tLS0tLS0tLS0tLS0tLS0=",
    "PUBLIC_URL": "https://abc.execute-api.eu-west-1.amazonaws.com/dev",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
    "COGNITO_REGION": "eu-west-1",
    "COGNITO_USER_POOL_ID": "eu-west-1_Bench",
    "COGNITO_CLIENT_ID": "bench",
    "COGNITO_DOMAIN": "https://bench.auth.eu-west-1.amazoncognito.com",
}


@dataclass(frozen=True)
class ColdResult:
    """`milliseconds` is the median; `ratios` are medians too, to the contestants in order."""

    name: str
    milliseconds: float
    ratios: tuple[float, ...]


def race(contestants: Iterable[Unpacked], rounds: int) -> list[ColdResult]:
    """Every contestant starts once a round. Raises RuntimeError when one answers wrongly."""
    contestants = list(contestants)
    times: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for turn in range(ROUNDS_BEFORE + rounds):
        for contestant in contestants:
            milliseconds = start(contestant)
            if turn >= ROUNDS_BEFORE:
                times[contestant.name].append(milliseconds)
    return [
        ColdResult(
            contestant.name,
            statistics.median(times[contestant.name]),
            tuple(
                statistics.median(
                    mine / base
                    for mine, base in zip(times[contestant.name], times[other.name], strict=True)
                )
                for other in contestants
            ),
        )
        for contestant in contestants
    ]


def start(contestant: Unpacked) -> float:
    """Milliseconds of processor time from nothing to the first answer."""
    before = _processor_seconds()
    finished = subprocess.run(  # noqa: S603 - what is run was made here
        [
            *(PYTHON, "-I", "-B", "-S", "-c", PROBE, str(contestant.directory)),
            *(contestant.handler, json.dumps(EVENT), str(contestant.status)),
        ],
        env=VARIABLES,
        cwd=contestant.directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(f"{contestant.name} did not answer: {finished.stderr[-2000:]}")
    return (_processor_seconds() - before) * 1000


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def table(results: list[ColdResult]) -> str:
    """Markdown. The first contestant is the stock bundle, the last the bare one."""
    lines = ["| cold start | ratio to stock | ratio to bare | median ms |", "|---|--:|--:|--:|"]
    lines += [
        f"| {r.name} | {r.ratios[0]:.2f} | {r.ratios[-1]:.2f} | {r.milliseconds:.0f} |"
        for r in results
    ]
    return "\n".join(lines)


def sizes(bundle: Path, count: int = 12) -> str:
    """Where the zipped bytes of a bundle are, by what is at its top: Markdown."""
    by_name: dict[str, int] = {}
    with zipfile.ZipFile(bundle) as archive:
        for entry in archive.infolist():
            top = entry.filename.partition("/")[0].partition(".")[0]
            by_name[top] = by_name.get(top, 0) + entry.compress_size
    largest = sorted(by_name.items(), key=lambda item: item[1], reverse=True)[:count]
    lines = ["| in the bundle | zipped MB |", "|---|--:|"]
    lines += [f"| {name} | {size / 1e6:.2f} |" for name, size in largest]
    return "\n".join([*lines, f"| all of it | {bundle.stat().st_size / 1e6:.1f} |"])
