"""Run `python -m infra`, which needs only Python 3.11. With an older one, find a newer one."""

from __future__ import annotations

import os
import shutil
import sys

MINIMUM = (3, 11)
CANDIDATES = ("python3.11", "python3.12", "python3.13")


def main() -> int:
    if sys.version_info < MINIMUM:
        return _with_a_newer_python()
    from infra import cli  # noqa: PLC0415 - an older Python could not even read it

    return cli.main(sys.argv[1:])


def _with_a_newer_python() -> int:
    for candidate in CANDIDATES:
        python = shutil.which(candidate)
        if python:
            os.execv(python, [python, "-m", "infra", *sys.argv[1:]])  # noqa: S606 - no shell wanted
    print(
        "Gatehouse needs Python 3.11 or newer, but this is {}.{}. "
        "Choose a newer one, for example: "
        "make run PYTHON=/usr/local/bin/python3.11".format(*sys.version_info[:2]),
        file=sys.stderr,
    )
    return 2


sys.exit(main())
