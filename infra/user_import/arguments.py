"""The arguments of `python -m infra users import`, with the standard library only."""

from __future__ import annotations

import argparse
from pathlib import Path

AUTO = "auto"
FORMS = ("standard", "django")
SOURCES = ("auth0", "cognito", "django", "firebase")


def add_to(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "file", type=Path, metavar="FILE", help="the export, for example users.jsonl"
    )
    command.add_argument(
        "--source",
        choices=SOURCES,
        default="django",
        help="where the export comes from (%(default)s)",
    )
    command.add_argument(
        "--only", metavar="EMAIL", help="import one user first, and sign in as that user"
    )
    command.add_argument(
        "--report-only", action="store_true", help="import nothing; write the report again"
    )
    command.add_argument(
        "--delete-unconfirmed",
        action="store_true",
        help="delete unconfirmed sign-ups with the address of a user of the export",
    )
    command.add_argument(
        "--groups",
        action="store_true",
        help="add users who came along to the groups that the export names",
    )
    command.add_argument(
        "--report",
        type=Path,
        metavar="DIRECTORY",
        help="the directory of the report (FILE.report)",
    )
    command.add_argument(
        "--id-attribute",
        default="former_id",
        metavar="NAME",
        help="the custom attribute that binds users to their former rows (%(default)s)",
    )
    command.add_argument(
        "--hash-form",
        choices=(AUTO, *FORMS),
        default=AUTO,
        help="the form of password hashes; by default, a few users are tried with each",
    )
    command.add_argument(
        "--hash-column", metavar="NAME", help="the column of hashes, if GetCSVHeader names none"
    )
    command.add_argument(
        "--role", metavar="ARN", help="an existing role for the log, instead of a new one"
    )
