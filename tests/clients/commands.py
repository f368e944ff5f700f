"""Run the commands of a documentation page as a reader who pastes them one by one."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# A curl that also writes the status of each response to standard error, for the test.
PRELUDE = """
set -eu -o pipefail
curl() { command curl -w '%{stderr}answered %{http_code}\\n' --max-time 30 "$@"; }
"""


@dataclass(frozen=True)
class Outcome:
    """The output that the reader sees, and the status of each response in order."""

    statuses: list[int]
    output: str


def blocks_of(page: str) -> list[str]:
    """Return the `sh` blocks of a documentation page or of a part of one."""
    return FENCE.findall(page)


def run(
    blocks: Sequence[str], environment: Mapping[str, str], changes: Mapping[str, str]
) -> Outcome:
    """Run all blocks in one shell, with the words of `changes` replaced in them."""
    script = PRELUDE + "\n".join(blocks)
    for word, other in changes.items():
        assert word in script, f"the page does not contain {word!r}"
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
