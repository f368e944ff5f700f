"""Show progress on standard error. It imports the standard library only."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.errors import ChildDied
from infra.processes import Child

# A terminal shows one line that counts up. A log file gets another line now and then.
_TERMINAL_SECONDS = 0.5
LOG_SECONDS = 10.0

_POLL_SECONDS = 0.1
_STOP_SECONDS = 10.0


class Step:
    """A piece of work that may take long. It shows what happens, and how long it took.

    `beat()` may be called at any rate during the work.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._started = self._shown = time.monotonic()
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        self._show("...", ended=not self._terminal)
        return self

    def beat(self) -> None:
        now = time.monotonic()
        if now - self._shown >= (_TERMINAL_SECONDS if self._terminal else LOG_SECONDS):
            self._shown = now
            self._show(f"... {now - self._started:.0f} s", ended=not self._terminal)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        outcome = "done" if kind is None else "stopped"
        self._show(f"... {outcome} in {time.monotonic() - self._started:.1f} s", ended=True)

    def _show(self, state: str, *, ended: bool) -> None:
        start = "\r\x1b[K" if self._terminal else ""
        end = "\n" if ended else ""
        print(f"{start}{self.what} {state}", end=end, file=sys.stderr, flush=True)


def run_step(
    what: str,
    command: Sequence[str | Path],
    *,
    name: str,
    log: Path,
    otherwise: Sequence[str | Path] | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path = Path(__file__).parent,
) -> None:
    """Run a program to its end as one Step, with its output in `log`.

    It has no deadline: the programs that it is used for have deadlines for the network, and Ctrl-C
    ends them.

    Args:
        what: What the line on the terminal says.
        name: How messages call the program.
        otherwise: The command to run when `command` fails.
        environment: The program's variables. By default, this process's own.

    Raises:
        ChildDied: The program failed. The message has the last lines of its output.
    """

    def run_once(attempt: Sequence[str | Path], step: Step) -> None:
        child = Child.start(
            name,
            attempt,
            log=log,
            environment=os.environ if environment is None else environment,
            directory=directory,
        )
        try:
            while child.is_running():
                step.beat()
                time.sleep(_POLL_SECONDS)
            child.wait_for_success(seconds=0)
        finally:
            child.stop(seconds=_STOP_SECONDS)

    with Step(what) as step:
        try:
            run_once(command, step)
        except ChildDied:
            if otherwise is None:
                raise
            run_once(otherwise, step)
