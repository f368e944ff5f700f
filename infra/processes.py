"""Run a program in its own process group with a log file, and stop the whole group."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from infra.errors import ChildDied

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.02


def _end_with_parent() -> Callable[[], None] | None:
    """Return what a child calls before `exec`, so that it ends when its parent is killed.

    It uses PR_SET_PDEATHSIG of prctl(2), which only Linux has. On other systems, the children of a
    killed parent continue.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def set_parent_death_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return set_parent_death_signal


class Child:
    """A running program. Messages call it `name`, and its output is in `log`.

    Ctrl-C in the terminal does not reach its process group, so the parent decides the order in
    which programs stop. Start it from a thread that lives as long as the program.
    """

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str],
        directory: Path,
    ) -> Self:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=directory,
                start_new_session=True,
                # This is one system call of a loaded library, which no lock can block.
                preexec_fn=_end_with_parent(),  # noqa: PLW1509
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_running(self) -> bool:
        return self._process.poll() is None

    def check(self) -> None:
        """Raise ChildDied, with the end of the log, if the program has ended."""
        if not self.is_running():
            raise ChildDied(
                f"{self.name} has ended (exit status {self._process.returncode}). "
                f"The end of {self.log}:\n{self.last_lines()}"
            )

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready()`. Raises ChildDied if it ends first or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise ChildDied(
                    f"{self.name} did not answer within {seconds:.0f} seconds. "
                    f"The end of {self.log}:\n{self.last_lines()}"
                )
            time.sleep(_POLL_SECONDS)
        # Another program may have answered while this one failed to start.
        self.check()

    def wait_for_success(self, *, seconds: float) -> None:
        """Wait for the program to end. Raises ChildDied unless its exit status is 0."""
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        if status != 0:
            outcome = f"took over {seconds:.0f} seconds" if status is None else "failed"
            raise ChildDied(f"{self.name} {outcome}. The end of {self.log}:\n{self.last_lines()}")

    def last_lines(self, count: int = 15) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-count:]
        return "\n".join(f"    {line}" for line in lines) or "    (empty)"

    def stop(self, *, seconds: float) -> None:
        """Send SIGTERM, wait, then kill the rest of the process group."""
        self._signal_group(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._signal_group(signal.SIGKILL)
        self._process.wait(seconds)

    def _signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return
