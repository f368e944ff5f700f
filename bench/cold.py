"""Cold starts: a fresh process, the bundle as Lambda unpacks it, the first answer to an event.

Contestants take turns, so that whatever else the machine does falls on all of them alike. What is
compared is processor time: on Lambda a start waits for little else, and here nothing else is quiet.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.cold_bundles import Unpacked
from bench.cold_events import event

# Budgets: of processor time, as ratios, and of the zip.
TO_STOCK = 0.30
TO_BARE = 1.25
MAXIMUM_BYTES = 18_000_000

ROUNDS_BEFORE = 1  # files come from the disk once

# Not this environment's: on Lambda nothing is there but the bundle and the standard library.
PYTHON = f"{sys.base_prefix}/bin/python3"

# Nothing is cleared up after the answer: a process on Lambda goes on.
PROBE = """
import importlib, json, os, sys
sys.path.insert(0, sys.argv[1])
module, _, name = sys.argv[2].rpartition(".")
class Context:
    aws_request_id = "bench"
answer = getattr(importlib.import_module(module), name)(json.loads(sys.argv[3]), Context())
if answer.get("statusCode", 200) != int(sys.argv[4]):
    sys.exit(f"answered {answer}")
os._exit(0)
"""


@dataclass(frozen=True)
class Contestant:
    """Starts with `event`, and has to answer with `status`: by default 401, without a token."""

    name: str
    unpacked: Unpacked
    event: Mapping[str, Any] = field(default_factory=lambda: event("/api/v1/me"))
    status: int = 401


@dataclass(frozen=True)
class ColdResult:
    """`milliseconds` is the median; so are `ratios`, to each contestant by name."""

    name: str
    milliseconds: float
    ratios: Mapping[str, float]


def race(
    contestants: Iterable[Contestant], rounds: int, *, variables: Mapping[str, str]
) -> list[ColdResult]:
    """Every contestant starts once a round. Raises RuntimeError when one answers wrongly."""
    contestants = list(contestants)
    times: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for turn in range(ROUNDS_BEFORE + rounds):
        for contestant in contestants:
            milliseconds = start(contestant, variables)
            if turn >= ROUNDS_BEFORE:
                times[contestant.name].append(milliseconds)
    return [
        ColdResult(
            name,
            statistics.median(mine),
            {
                other: statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
                for other, theirs in times.items()
            },
        )
        for name, mine in times.items()
    ]


def start(contestant: Contestant, variables: Mapping[str, str]) -> float:
    """Milliseconds of processor time from nothing to the first answer."""
    directory = contestant.unpacked.directory
    before = _processor_seconds()
    finished = subprocess.run(  # noqa: S603 - what is run was made here
        [
            *(PYTHON, "-I", "-B", "-S", "-c", PROBE, str(directory), contestant.unpacked.handler),
            *(json.dumps(contestant.event), str(contestant.status)),
        ],
        env=variables,
        cwd=directory,
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


def table(results: Iterable[ColdResult], *, stock: str, bare: str) -> str:
    """Markdown. `stock` and `bare` are the names of those that all are compared with."""
    lines = ["| cold start | ratio to stock | ratio to bare | median ms |", "|---|--:|--:|--:|"]
    lines += [
        f"| {r.name} | {r.ratios[stock]:.2f} | {r.ratios[bare]:.2f} | {r.milliseconds:.0f} |"
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
