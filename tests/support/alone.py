"""Run each test file in a separate process.

Usage: `python -m tests.support.alone [--seconds 120] [FILE ...]`. It names each file that passes
only after another one, and each file that leaves new files in the checkout. It takes much longer
than a run of all tests, so use it only after a change of fixtures or set-up.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Python writes bytecode next to the source files, which is not a finding.
_BYTECODE = "__pycache__/"
# The exit status of pytest if a file has no tests.
_NO_TESTS = 5


def main(arguments: Sequence[str]) -> int:
    """Return 1 if a file failed or left new files. Only print those that took too long."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.alone")
    parser.add_argument(
        "--seconds", type=float, default=120, help="the limit for one file (%(default)s)"
    )
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args(arguments)
    files = options.files or sorted((ROOT / "tests").rglob("test_*.py"))
    outcomes = [_outcome(file, options.seconds) for file in files]
    return int(any(outcome == "FAILED" for outcome in outcomes))


def _outcome(file: Path, seconds: float) -> str:
    before, started = _untracked(), time.monotonic()
    output = ""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", str(file)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        output = done.stdout
        outcome = "passed" if done.returncode in {0, _NO_TESTS} else "FAILED"
    except subprocess.TimeoutExpired:
        outcome = "too long"
    left = sorted(_untracked() - before)
    if left:
        outcome = "FAILED"
    print(f"{outcome:<9}{time.monotonic() - started:6.1f} s  {file}", *left, flush=True)
    if outcome == "FAILED":
        print("\n".join(f"    {line}" for line in output.splitlines()[-15:]), flush=True)
    return outcome


def _untracked() -> set[str]:
    shown = subprocess.run(
        ["git", "status", "--porcelain", "--ignored", "--untracked-files=all"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {line for line in shown.stdout.splitlines() if _BYTECODE not in line}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
