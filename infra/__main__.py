"""`python -m infra`. Works on a bare Python 3.11; finds one where the default is older."""

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
        "Gatehouse needs Python 3.11 or newer; this is {}.{}. Name one, for example: "
        "make run PYTHON=/usr/local/bin/python3.11".format(*sys.version_info[:2]),
        file=sys.stderr,
    )
    return 2


sys.exit(main())
