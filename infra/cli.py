"""The command line: `python -m infra --help`.

This module imports the standard library only, because `local setup` runs before anything is
installed. For a command that needs more, it starts the Python of the application's environment.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from infra import environments
from infra.deploy import arguments as deploy_arguments
from infra.errors import InfraError, problem_of_system
from infra.local.options import ALL, OPTIONS, parse_options
from infra.local.ports import LOOPBACK, Ports
from infra.product import commands as product_commands
from infra.setup import browser, install, node
from infra.user_import import arguments as user_import_arguments

if TYPE_CHECKING:
    # What add_subparsers() returns has no public name.
    SubParsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130

DAMAGED = "The environment in .venvs is damaged. Delete .venvs and run `make setup`. The cause:"
PASSWORD_SOURCE = "The password comes from GATEHOUSE_PASSWORD, or the command asks for it."  # noqa: S105


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit status. An expected error prints one message."""
    # With `plan --exit-code`, 2 means changes.
    exit_error = 1 if "--exit-code" in arguments else EXIT_ERROR
    options = _parse(arguments, exit_error)
    try:
        if options.action in {"adopt", "new", "release", "update"}:
            return product_commands.run(options)
        if options.action == "local setup":
            install.prepare(options.purpose)
            if options.browser:
                browser.ensure_chromium()
                node.ensure_packages()
            return 0
        if options.action == "local run":
            # Check the ports first, because the installation can take a minute.
            Ports(options.port, options.aws_port, options.login_port).require()
        if options.action in {"local run", "local pool"}:
            install.prepare("run")
        _use_the_application_environment(arguments)
        try:
            from infra import commands  # noqa: PLC0415 - imports what only that environment has
        except ImportError as error:
            raise InfraError(f"{DAMAGED} {error}.") from error
        return commands.run(options)
    except InfraError as error:
        print(f"error: {error}", file=sys.stderr)
        return exit_error
    except OSError as error:
        print(f"error: {problem_of_system(error)}", file=sys.stderr)
        return exit_error
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _parse(arguments: Sequence[str], exit_error: int) -> argparse.Namespace:
    try:
        return build_parser().parse_args(arguments)
    except SystemExit as ended:
        raise SystemExit(exit_error if ended.code else 0) from ended


def _use_the_application_environment(arguments: Sequence[str]) -> None:
    """Run the command again with the application's Python, unless this is it."""
    if Path(sys.prefix).resolve() == environments.APP.directory.resolve():
        return
    python = environments.APP.python
    if not python.exists():
        raise InfraError("Nothing is installed yet. Run `make setup` first.")
    try:
        os.execv(python, [str(python), "-m", "infra", *arguments])  # noqa: S606 - no shell wanted
    except OSError as error:
        raise InfraError(f"{DAMAGED} {error.strerror}: {python}.") from error


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra",
        description="Set up the application, run it on this machine, and manage its user pool.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    local = commands.add_parser("local", help="run and manage the local stack")
    _add_local(local.add_subparsers(required=True, metavar="COMMAND"))
    _add_token(commands)
    users = commands.add_parser("users", help="manage users of the pool")
    _add_users(users.add_subparsers(required=True, metavar="COMMAND"))
    deploy_arguments.add_commands(commands)
    product_commands.add_commands(commands)
    return parser


def _add_local(local: SubParsers) -> None:
    run = _command(local, "local run", "run the local AWS and Django until Ctrl-C")
    run.add_argument(
        "--port", type=_port, default=8000, help="the port of the application (%(default)s)"
    )
    _add_service_ports(run)
    _add_home(run)

    pool = _command(
        local, "local pool", "run the local AWS and the hosted UI for a site of yours until Ctrl-C"
    )
    pool.add_argument(
        "--site",
        type=_site,
        default="http://localhost:8000/gatehouse",
        metavar="URL",
        help="the PUBLIC_URL of the site (%(default)s)",
    )
    pool.add_argument(
        "--listen",
        default=LOOPBACK,
        metavar="ADDRESS",
        help="the address where the hosted UI listens; 0.0.0.0 only in a container (%(default)s)",
    )
    _add_service_ports(pool)
    _add_home(pool)

    deploy = _command(
        local, "local deploy", "deploy to the local AWS, and keep it running until Ctrl-C"
    )
    _add_service_ports(deploy)
    deploy.add_argument(
        "--with",
        type=parse_options,
        default={},
        dest="options",
        metavar="OPTIONS",
        help="settings that the stage has in addition, such as alarms,audit_stream=bus: "
        f"{', '.join(OPTIONS)}, or {ALL}",
    )
    deploy.add_argument(
        "--rehearse",
        action="store_true",
        help="deploy again, roll back and destroy, then end; each step shows its time",
    )
    deploy.set_defaults(home=environments.ROOT / ".local" / "deployed")

    setup = _command(local, "local setup", "create or update the virtual environments")
    setup.add_argument(
        "purpose",
        nargs="?",
        choices=sorted(environments.PURPOSES),
        default="test",
        help="the purpose of the environments (%(default)s)",
    )
    setup.add_argument(
        "--browser",
        action="store_true",
        help="install Chromium and npm packages for browser tests too",
    )

    manage = _command(local, "local manage", "run manage.py in the local stack's environment")
    _add_home(manage)
    manage.add_argument("arguments", nargs="+", metavar="-- ARGS", help="for example: -- shell")

    env = _command(local, "local env", 'print the local stack\'s environment: eval "$(... env)"')
    _add_home(env)

    reset = _command(local, "local reset", "delete users, pool, database and logs")
    _add_home(reset)


def _add_service_ports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--aws-port", type=_port, default=4566, help="the port of the local AWS (%(default)s)"
    )
    parser.add_argument(
        "--login-port",
        type=_port,
        default=4567,
        help="the port of the local hosted UI (%(default)s)",
    )


def _add_token(commands: SubParsers) -> None:
    token = _command(commands, "token", "print an access token, for curl")
    token.epilog = (
        "The command uses the user pool that COGNITO_USER_POOL_ID names, or that of the local "
        f"stack if the variable is not set. {PASSWORD_SOURCE} Demo users need none."
    )
    subject = token.add_mutually_exclusive_group(required=True)
    subject.add_argument("--user", metavar="EMAIL", help="sign in as this user")
    subject.add_argument(
        "--machine", action="store_true", help="use the app client for programs, without a user"
    )
    _add_home(token)


def _add_users(users: SubParsers) -> None:
    create = _command(users, "users create", "create a confirmed user, ready to sign in")
    create.epilog = (
        "The command uses the user pool that COGNITO_USER_POOL_ID names, or that of the local "
        f"stack if the variable is not set. {PASSWORD_SOURCE}"
    )
    create.add_argument("email", metavar="EMAIL")
    create.add_argument(
        "--group", action="append", default=[], help="add the user to this group; may be repeated"
    )
    _add_home(create)

    # begin capability user-migration
    imported = _command(users, "users import", "import users of another site with their passwords")
    imported.epilog = (
        "The command uses the user pool that COGNITO_USER_POOL_ID names, or that of the local "
        "stack if the variable is not set. Repeat it after an interruption. It prints how many "
        "users came along, and writes reconciliation.csv and left.csv: docs/migrate-users.md."
    )
    user_import_arguments.add_to(imported)
    _add_home(imported)
    # end capability user-migration


def _command(parent: SubParsers, action: str, summary: str) -> argparse.ArgumentParser:
    parser = parent.add_parser(action.rpartition(" ")[2], help=summary, description=f"{summary}.")
    parser.set_defaults(action=action)
    return parser


def _add_home(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--home",
        type=_directory,
        default=environments.ROOT / ".local",
        metavar="DIRECTORY",
        help="the directory with the state of the local stack (.local)",
    )


def _directory(text: str) -> Path:
    return Path(text).absolute()


def _site(text: str) -> str:
    if not re.fullmatch(r"https?://[\w.-]+(?::\d+)?(?:/[\w.-]+)*/?", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an address such as http://localhost:8000"
        )
    return text.rstrip("/")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a port: expected a number from 1 to 65535"
        )
    return int(text)
