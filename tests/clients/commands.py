"""The commands of a page of the documentation, run as a reader would who pastes them one by one."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# The reader's curl, which tells the test on the side what each request was answered.
PRELUDE = """
set -eu -o pipefail
curl() { command curl -w '%{stderr}answered %{http_code}\\n' --max-time 30 "$@"; }
"""


@dataclass(frozen=True)
class Outcome:
    """What the reader saw, and the status of each request in its order."""

    statuses: list[int]
    output: str


def blocks_of(page: str) -> list[str]:
    """The `sh` blocks of a page under docs/, or of a part of one."""
    return FENCE.findall(page)


def run(
    blocks: Sequence[str], environment: Mapping[str, str], changes: Mapping[str, str]
) -> Outcome:
    """All blocks in one shell; `changes` are words of the page that are others in a test."""
    script = PRELUDE + "\n".join(blocks)
    for word, other in changes.items():
        assert word in script, f"the page no longer has {word!r}"
        script = script.replace(word, other)
    finished = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env={**environment, "PATH": os.environ["PATH"], "no_proxy": "localhost"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    statuses = [int(status) for status in re.findall(r"answered (\d{3})", finished.stderr)]
    assert finished.returncode == 0, f"{statuses}\n{finished.stdout}\n{finished.stderr}"
    return Outcome(statuses, finished.stdout)
