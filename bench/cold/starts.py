"""Time cold starts: a new process loads an unpacked bundle and responds to its first event.

Contestants take turns, so that other load on the machine affects all of them equally. The benchmark
compares processor time, because a start on Lambda spends little time on anything else, and because
processor time depends less than elapsed time on the other load of the machine.
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

from bench.cold.bundles import Unpacked
from bench.cold.events import event

# Budgets: ratios of processor time, and the size of the zip file.
TO_STOCK = 0.30
TO_BARE = 1.15
MAXIMUM_BYTES = 17_000_000

# The first round is not counted, because it reads the files from disk into the cache.
ROUNDS_BEFORE = 1

# The base interpreter, because Lambda has only the bundle and the standard library.
PYTHON = f"{sys.base_prefix}/bin/python3"

# os._exit() skips the clean-up at exit, because a process on Lambda continues after a response.
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
    """A bundle whose response to `event` must have `status`: 401 without a token by default."""

    name: str
    unpacked: Unpacked
    event: Mapping[str, Any] = field(default_factory=lambda: event("/api/v1/me"))
    status: int = 401


@dataclass(frozen=True)
class ColdResult:
    """The median of `milliseconds`, and median `ratios` to each contestant by its name."""

    name: str
    milliseconds: float
    ratios: Mapping[str, float]


def race(
    contestants: Iterable[Contestant], rounds: int, *, variables: Mapping[str, str]
) -> list[ColdResult]:
    """Start every contestant once in each round.

    Raises:
        RuntimeError: A contestant returned another status than its own.
    """
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
    """Return the milliseconds of processor time until the first response."""
    directory = contestant.unpacked.directory
    before = _processor_seconds()
    finished = subprocess.run(  # noqa: S603 - the program is PROBE
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
        raise RuntimeError(f"{contestant.name} failed: {finished.stderr[-2000:]}")
    return (_processor_seconds() - before) * 1000


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def table(results: Iterable[ColdResult], *, stock: str, bare: str) -> str:
    """Return a Markdown table with the ratios to the contestants `stock` and `bare`."""
    lines = ["| cold start | ratio to stock | ratio to bare | median ms |", "|---|--:|--:|--:|"]
    lines += [
        f"| {r.name} | {r.ratios[stock]:.2f} | {r.ratios[bare]:.2f} | {r.milliseconds:.0f} |"
        for r in results
    ]
    return "\n".join(lines)


def sizes(bundle: Path, count: int = 12) -> str:
    """Return a Markdown table of the largest top-level entries of a bundle, by zipped size."""
    by_name: dict[str, int] = {}
    with zipfile.ZipFile(bundle) as archive:
        for entry in archive.infolist():
            top = entry.filename.partition("/")[0].partition(".")[0]
            by_name[top] = by_name.get(top, 0) + entry.compress_size
    largest = sorted(by_name.items(), key=lambda item: item[1], reverse=True)[:count]
    lines = ["| in the bundle | zipped MB |", "|---|--:|"]
    lines += [f"| {name} | {size / 1e6:.2f} |" for name, size in largest]
    return "\n".join([*lines, f"| total | {bundle.stat().st_size / 1e6:.1f} |"])
