#!/usr/bin/env python
"""Django's command line. It reads `.env` next to this file if the file exists."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    try:
        _run()
    except ModuleNotFoundError as error:
        # In the project's own environment, a missing module is a mistake in the code.
        if Path(sys.prefix).resolve() == (ROOT / ".venvs/app").resolve() and error.name != "django":
            raise
        sys.exit(
            f"{sys.executable} has no module {error.name}. Use .venvs/app/bin/python, which "
            f"`make setup` creates, or run: {_make_manage()}"
        )


def _make_manage() -> str:
    return f'make manage ARGS="{" ".join(sys.argv[1:])}"'


def _run() -> None:
    from django.conf import settings  # noqa: PLC0415 - reported above if it is not installed
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - as above
    from dotenv import load_dotenv  # noqa: PLC0415 - as above

    from project.environment.reader import EnvironmentProblems  # noqa: PLC0415 - as above

    # Existing variables have precedence, because the shell or `make run` sets them on purpose.
    load_dotenv(ROOT / ".env", override=False)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    try:
        # The first access to a setting reads the environment. A traceback would hide its errors.
        # Log lines go to stderr, because they must not be part of the output of `dumpdata`.
        settings.LOGGING["handlers"]["stream"]["stream"] = "ext://sys.stderr"
    except EnvironmentProblems as problems:
        sys.exit(f"{problems}\nTo use the variables of the local stack, run: {_make_manage()}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
