"""The command line of deployments: arguments of `python -m infra`. Standard library only."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.deploy.function.stored_secrets import KINDS
from infra.environments import ROOT

if TYPE_CHECKING:
    # What add_subparsers() returns has no public name.
    SubParsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

COMMANDS = {
    "deploy": "create a stage or bring it up to date",
    "plan": "show what `deploy` would change",
    "policy": "print the rights that a deployer of a stage needs, as an IAM policy",
    "outputs": "print the variables that clients of a stage need",
    "status": "show a stage's status",
    "rollback": "let the former version answer requests again",
    "destroy": "delete everything that `deploy` made",
}

ROTATE = "secrets rotate"
RECOVER = "recover"


def add_commands(commands: SubParsers) -> None:
    for name, summary in COMMANDS.items():
        parser = commands.add_parser(name, help=summary, description=f"{summary}.")
        parser.set_defaults(action=name, home=ROOT / ".local")
        parser.add_argument("--stage", required=True, help="a stage of infra/stages.toml")
        if name == "plan":
            parser.add_argument(
                "--format",
                choices=("text", "json"),
                default="text",
                help="format of the output (%(default)s)",
            )
            parser.add_argument(
                "--exit-code",
                action="store_true",
                help="exit with 0 for no change, 2 for changes, and 1 for an error",
            )
        if name == "outputs":
            parser.add_argument(
                "--format",
                choices=("dotenv", "json"),
                default="dotenv",
                help="format of the output (%(default)s)",
            )
        if name == "policy":
            parser.add_argument(
                "--boundary",
                action="store_true",
                help="print the permissions boundary of the roles that `deploy` creates",
            )
        if name == "destroy":
            parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")
            parser.add_argument(
                "--production", action="store_true", help="destroy a production stage"
            )

    secrets = commands.add_parser("secrets", help="replace the secrets of a stage")
    _add_rotate(secrets.add_subparsers(required=True, metavar="COMMAND"))
    _add_recover(commands)


def _add_rotate(secrets: SubParsers) -> None:
    summary = "replace secrets while users stay signed in"
    rotate = secrets.add_parser(
        "rotate",
        help=summary,
        description=f"{summary}.",
        epilog="A rotation waits some hours before it removes the former value. Run the same "
        "command again then, and after an interruption: it continues.",
    )
    rotate.set_defaults(action=ROTATE, home=ROOT / ".local")
    rotate.add_argument("--stage", required=True, help="a stage of infra/stages.toml")
    rotate.add_argument("--what", choices=KINDS, help="one kind of secret (all of them)")
    rotate.add_argument("--dry-run", action="store_true", help="show the steps, change nothing")
    rotate.add_argument(
        "--again", action="store_true", help="replace secrets that are less than a day old too"
    )
    rotate.add_argument(
        "--skip-grace",
        action="store_true",
        help="remove the former value at once: users who are away are signed out",
    )
    rotate.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def _add_recover(commands: SubParsers) -> None:
    summary = "bring the users of a stage back to a point in time"
    recover = commands.add_parser(
        RECOVER,
        help=summary,
        description=f"{summary}. The command shows what would change, and asks.",
        epilog="Sign-ups and other changes of users are paused from the preview until the end. Run "
        "the same command again after an interruption: it continues.",
    )
    recover.set_defaults(action=RECOVER, home=ROOT / ".local")
    recover.add_argument("--stage", required=True, help="a stage of infra/stages.toml")
    what = recover.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--to", type=_moment, metavar="TIME", help="a time in UTC, such as 2026-11-28T12:00:00Z"
    )
    what.add_argument(
        "--database",
        action="store_true",
        help="sign all users out of a restored database (DATABASE_URL), then use it",
    )
    what.add_argument(
        "--cancel",
        action="store_true",
        help="discard a preview, so that users can be changed again",
    )
    recover.add_argument(
        "--dry-run", action="store_true", help="show the preview, then cancel the recovery"
    )
    recover.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def _moment(text: str) -> datetime:
    """Return a time in whole seconds, which Cognito takes."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or len(text) < len("2026-11-28T12:00"):
        raise argparse.ArgumentTypeError("expected a time such as 2026-11-28T12:00:00Z")
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)
