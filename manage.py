#!/usr/bin/env python
"""Django's command line. Reads `.env` beside this file, where there is one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import execute_from_command_line
from dotenv import load_dotenv

from project.environment import EnvironmentProblems


def main() -> None:
    # What is already set wins: a shell or `make run` knows better than a file.
    load_dotenv(Path(__file__).resolve().parent / ".env", override=False)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    try:
        # Reading any setting reads the environment; a traceback would bury what it complains of.
        # What a command prints is for whoever calls it: log lines have no place in a `dumpdata`.
        settings.LOGGING["handlers"]["stream"]["stream"] = "ext://sys.stderr"
    except EnvironmentProblems as problems:
        sys.exit(str(problems))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
