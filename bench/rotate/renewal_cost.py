"""The processor time of a renewal, by the processes that take part in it. Only on Linux."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from bench.rotate.fleet import Fleet
    from bench.rotate.sessions import Crowd

# The part of each process, by words in its command line.
PARTS = {
    "bench.rotate.server": "the application",
    "local_cognito.aws": "the local Cognito",
    "postgres": "PostgreSQL",
}
CLIENT = "the browsers"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Processor time while no secret was replaced.

    Attributes:
        milliseconds: of one renewal, by part.
        a_second: renewals.
    """

    milliseconds: dict[str, float]
    a_second: float
    processors: int

    @property
    def possible(self) -> float:
        """Renewals a second if the processors did nothing else."""
        return self.processors * 1000 / sum(self.milliseconds.values())


def measure(running: Crowd, fleet: Fleet, *, seconds: float) -> Cost:
    """Measure while all sessions renew."""
    running.wait_for_all()
    with psycopg.connect(fleet.variables["DATABASE_URL"]) as connection:
        server = _parent(connection.info.backend_pid)
        before, renewals = _used(server), _renewals(running)
        began = time.monotonic()
        time.sleep(seconds)
        after, count = _used(server), _renewals(running) - renewals
        took = time.monotonic() - began
    milliseconds = {
        part: 1000 * (after[part] - before[part]) / max(count, 1)
        for part in (*PARTS.values(), CLIENT)
    }
    return Cost(milliseconds, count / took, len(os.sched_getaffinity(0)))


def sentence(cost: Cost) -> str:
    parts = ", ".join(f"{name} {value:.0f} ms" for name, value in cost.milliseconds.items())
    total = sum(cost.milliseconds.values())
    return (
        f"One renewal takes {total:.0f} ms of processor time ({parts}). So {cost.processors} "
        f"processors that do nothing else can make {cost.possible:.0f} a second; "
        f"{cost.a_second:.0f} were reached."
    )


def _renewals(running: Crowd) -> int:
    return sum(session.renewals for session in running.sessions)


def _used(server: int) -> Mapping[str, float]:
    """Return seconds of processor time by part, of our processes and those of PostgreSQL."""
    found = defaultdict(float, {CLIENT: time.process_time()})
    parents = {pid: _parent(pid) for pid in _processes()}
    for pid, parent in parents.items():
        is_ours = os.getpid() in _ancestors(pid, parents) and pid != os.getpid()
        if not is_ours and server not in {pid, parent}:
            continue
        with suppress(OSError):
            command = Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace")
            for mark, part in PARTS.items():
                if mark in command:
                    fields = _fields(pid)
                    # Its own time, and that of children that have ended.
                    found[part] += sum(map(int, fields[11:15])) / _TICKS
                    break
    return found


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _ancestors(pid: int, parents: Mapping[int, int]) -> set[int]:
    found: set[int] = set()
    while pid in parents and pid not in found:
        found.add(pid)
        pid = parents[pid]
    return found | {pid}


def _parent(pid: int) -> int:
    with suppress(OSError):
        return int(_fields(pid)[1])
    return 0


def _fields(pid: int) -> list[str]:
    """Return the fields of `/proc/PID/stat` after the name, which can contain spaces."""
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
