from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.errors import ChildDied
from infra.processes import Child
from tests.support.clock import ends_within

# Prints the ids of itself and a grandchild. Both ignore SIGTERM.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
forever = [sys.executable, "-c", "import time; time.sleep(60)"]
grandchild = subprocess.Popen(forever)
print(os.getpid(), grandchild.pid, flush=True)
time.sleep(60)
"""

PARENT = """
import os, sys, time
from pathlib import Path
from infra.processes import Child
child = Child.start("child", [sys.executable, "-c", "import time; time.sleep(60)"],
                    log=Path(sys.argv[1]), environment=os.environ, directory=Path.cwd())
print(child.pid, flush=True)
time.sleep(60)
"""


@contextmanager
def running(directory: Path, program: str) -> Iterator[Child]:
    child = Child.start(
        "The example",
        [sys.executable, "-c", program],
        log=directory / "example.log",
        environment=os.environ,
        directory=directory,
    )
    try:
        yield child
    finally:
        child.stop(seconds=1)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in {"Z", "X"}


def wait_until_gone(pid: int, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while is_running(pid):
        assert time.monotonic() < deadline, f"process {pid} is still running"
        time.sleep(0.01)


def test_stop_kills_a_process_group_that_ignores_sigterm(tmp_path: Path) -> None:
    with running(tmp_path, STUBBORN) as child:
        child.wait_until(lambda: child.log.read_text().endswith("\n"), seconds=10)
        pids = [int(word) for word in child.log.read_text().split()]
        assert all(is_running(pid) for pid in pids)
        with ends_within(20):  # the program runs for a minute
            child.stop(seconds=0.3)
    assert len(pids) == 2
    for pid in pids:
        wait_until_gone(pid)


def test_stopped_program_can_be_stopped_again(tmp_path: Path) -> None:
    with running(tmp_path, "import time; time.sleep(60)") as child:
        child.stop(seconds=1)
        child.stop(seconds=1)
        assert not child.is_running()


def test_error_of_a_program_that_ends_contains_its_last_lines(tmp_path: Path) -> None:
    program = "for n in range(40): print('line', n)\nraise SystemExit(3)"
    with (
        running(tmp_path, program) as child,
        pytest.raises(ChildDied, match=r"The example has ended \(exit status 3\)") as died,
    ):
        child.wait_until(lambda: False, seconds=10)
    assert "line 39" in str(died.value)
    assert "line 10\n" not in str(died.value)


def test_program_that_ends_is_an_error_although_another_program_answers(
    tmp_path: Path,
) -> None:
    with running(tmp_path, "pass") as child:
        deadline = time.monotonic() + 10
        while child.is_running() and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(ChildDied):
            child.wait_until(lambda: True, seconds=10)


def test_waiting_for_a_program_has_a_deadline(tmp_path: Path) -> None:
    with (
        running(tmp_path, "import time; time.sleep(60)") as child,
        pytest.raises(ChildDied, match="did not answer within"),
    ):
        child.wait_until(lambda: False, seconds=0.2)


def test_exit_status_other_than_zero_is_an_error(tmp_path: Path) -> None:
    with running(tmp_path, "pass") as child:
        child.wait_for_success(seconds=10)
    with (
        running(tmp_path, "print('why'); raise SystemExit(1)") as child,
        pytest.raises(ChildDied, match=r"The example failed(?s:.)+why"),
    ):
        child.wait_for_success(seconds=10)


def test_program_that_takes_too_long_is_an_error(tmp_path: Path) -> None:
    with (
        running(tmp_path, "import time; time.sleep(60)") as child,
        pytest.raises(ChildDied, match="took over 0 seconds"),
    ):
        child.wait_for_success(seconds=0.1)


def test_killing_the_parent_ends_the_child(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path / "child.log"], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout as output:
        child_pid = int(output.readline())
        assert is_running(child_pid)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait(5)
    wait_until_gone(child_pid)
