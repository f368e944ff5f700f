"""The command `adopt`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from infra.errors import InfraError
from infra.product.adopt import adoption
from infra.product.adopt.adoption import Adoption, Answers
from infra.product.adopt.package import REQUIREMENTS
from infra.product.names import OURS
from infra.product.start import uncommitted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--into", type=_path, metavar="DIRECTORY", help="the folder of the project's manage.py"
    )
    parser.add_argument(
        "--package", default=OURS, help="the Python package to put everything into (%(default)s)"
    )
    parser.add_argument(
        "--prefix", metavar="PATH", help="where the addresses are (by default, as the package)"
    )
    parser.add_argument("--name", help="for people, until SITE_NAME says otherwise")
    parser.add_argument(
        "--settings-file",
        action="append",
        default=[],
        metavar="FILE",
        help="a settings module, as a path from manage.py; may be repeated (by default, those that "
        "manage.py, wsgi.py and asgi.py name, and others beside them)",
    )
    parser.add_argument(
        "--urls-file", metavar="FILE", help="the root URLconf, as a path from manage.py"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would change, and change nothing"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before the changes")
    parser.add_argument("--undo", action="store_true", help="remove what an earlier adoption added")
    # What `infra update` of another release calls.
    parser.add_argument("--tree", type=_path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)


def _path(text: str) -> Path:
    return Path(text).resolve()


def run(options: argparse.Namespace) -> int:
    if options.undo:
        return _undo(_into(options), is_dry=options.dry_run, is_sure=options.yes)
    answers = Answers.of(
        name=options.name,
        package=options.package,
        prefix=options.prefix,
        without=options.without,
    )
    if options.tree:
        adoption.make_tree(options.tree, answers, options.folder)
        return 0
    found = adoption.prepare(_into(options), answers, options.settings_file, options.urls_file)
    _show(found)
    if options.dry_run:
        print("Nothing is changed.")
        return 0
    if uncommitted():
        print("The project gets what is committed here, and not your other changes.")
    if not _agreed("Make these changes?", is_sure=options.yes):
        return 1
    found.make()
    _print_next_steps(found)
    return 0


def _into(options: argparse.Namespace) -> Path:
    if options.into is None:
        raise InfraError("Name the project: --into ../your-project.")
    into: Path = options.into
    return into


def _show(found: Adoption) -> None:
    directory, name = found.host.directory, found.answers.names.package
    print(f"{directory}\n")
    print(f"New files: {len(found.files)} in {name}/, and upstream.toml. Changes of files:\n")
    print(found.diff)


def _agreed(question: str, *, is_sure: bool) -> bool:
    if is_sure:
        return True
    if not sys.stdin.isatty():
        raise InfraError("There is no terminal to ask for your consent. Add --yes.")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def _print_next_steps(found: Adoption) -> None:
    answers = found.answers
    name = answers.names.package
    print(f"{answers.names.name} is in {found.host.directory}. Next, in that folder:\n")
    for step in (
        f"python -m pip install -r {name}/{REQUIREMENTS}",
        f"Set the variables of {name}/.env.example, PUBLIC_URL with /{answers.prefix} at its end",
        "python manage.py check",
        "python manage.py migrate",
        "git add --all && git commit",
    ):
        print(f"    {step}")
    print("\nFor a first try, this clone runs a user pool, and prints a line that sets them:\n")
    print(f"    python3 -m infra local pool --site http://localhost:8000/{answers.prefix}")


def _undo(into: Path, *, is_dry: bool, is_sure: bool) -> int:
    found = adoption.prepare_removal(into)
    name = found.package
    print(f"{found.directory}\n\nRemoved: {name}/ and upstream.toml. Changes of files:\n")
    print(found.diff)
    print(
        "This removes the code. Remove the tables before it, in each database:\n\n"
        f"    python manage.py migrate {name}_accounts zero\n"
        f"    python manage.py migrate {name}_identity zero\n"
    )
    if is_dry:
        print("Nothing is changed.")
        return 0
    if not _agreed("Are the tables removed, and do you want to remove the code?", is_sure=is_sure):
        return 1
    found.make()
    print(
        "The project is as it was. `python manage.py remove_stale_contenttypes "
        "--include-stale-apps` removes what Django remembers of the models."
    )
    return 0
