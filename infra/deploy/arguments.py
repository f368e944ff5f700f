"""The command line of deployments: arguments of `python -m infra`. Standard library only."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from infra.deploy.stage.stage_values import AUTHORIZERS
from infra.environments import ROOT

if TYPE_CHECKING:
    # What add_subparsers() returns has no public name.
    SubParsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

COMMANDS = {
    "deploy": "bring a stage up to date, from nothing if need be",
    "plan": "tell what `deploy` would change",
    "outputs": "print what clients of a stage need to know",
    "status": "tell how a stage is",
    "rollback": "run the code that ran before",
    "destroy": "take everything of a stage away again",
}


def add_commands(commands: SubParsers) -> None:
    for name, summary in COMMANDS.items():
        parser = commands.add_parser(name, help=summary, description=f"{summary}.")
        parser.set_defaults(action=name, home=ROOT / ".local")
        parser.add_argument("--stage", required=True, help="one of infra/stages.toml")
        if name == "outputs":
            parser.add_argument(
                "--format", choices=("dotenv", "json"), default="dotenv", help="(%(default)s)"
            )
        if name == "destroy":
            parser.add_argument("--yes", action="store_true", help="do not ask")
            parser.add_argument(
                "--production", action="store_true", help="even if it is a production stage"
            )


def add_forms(parser: argparse.ArgumentParser) -> None:
    """What infra/stages.toml says of a stage elsewhere."""
    parser.add_argument(
        "--authorizer",
        choices=AUTHORIZERS,
        default="none",
        help="who judges bearer tokens before the function starts (%(default)s)",
    )
    parser.add_argument(
        "--domain",
        type=_name_under_localhost,
        metavar="NAME.localhost",
        help="have it at the root of a custom domain (below the stage's name)",
    )


def _name_under_localhost(text: str) -> str:
    """Browsers find every such name on this machine (RFC 6761, section 6.3)."""
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.localhost", text):
        raise argparse.ArgumentTypeError("expected a name such as gatehouse.localhost")
    return text
