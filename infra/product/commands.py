"""The commands `new`, `adopt`, `update` and `release`.

They need git and the standard library only.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from infra.environments import ROOT
from infra.product import release, update
from infra.product.adopt import commands as adopt  # only with upstream
from infra.product.update import Update

if TYPE_CHECKING:
    # What add_subparsers() returns has no public name.
    SubParsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

EXIT_CONFLICTS = 1


def add_commands(commands: SubParsers) -> None:
    # begin capability upstream
    summary = "start a product of its own in another directory"
    parser = commands.add_parser("new", help=summary, description=f"{summary}.")
    parser.set_defaults(action="new")
    parser.add_argument("directory", type=lambda text: Path(text).resolve(), metavar="DIRECTORY")
    parser.add_argument("--name", required=True, help='for people, for example "Acme Portal"')
    parser.add_argument("--package", required=True, help="for programs, for example acme")
    _add_without(parser, "leave these capabilities out")
    summary = "add the applications to a Django project that exists"
    parser = commands.add_parser("adopt", help=summary, description=f"{summary}.")
    parser.set_defaults(action="adopt")
    adopt.add_arguments(parser)
    _add_without(parser, "leave these capabilities out")
    # end capability upstream
    summary = "merge a later release of the upstream project"
    parser = commands.add_parser("update", help=summary, description=f"{summary}.")
    parser.set_defaults(action="update")
    parser.add_argument("--to", metavar="VERSION", help="a version (by default the newest)")
    parser.add_argument(
        "--from", dest="source", metavar="REPOSITORY", help="where the upstream project is now"
    )
    # begin capability upstream
    parser.add_argument(
        "--into",
        type=lambda text: Path(text).resolve(),
        metavar="DIRECTORY",
        help="the folder of manage.py of a project that was adopted",
    )
    # end capability upstream
    _add_without(parser, "leave these capabilities out from now on, and no other", default=None)
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would change, and change nothing"
    )
    summary = "give the unreleased changes a version, with a commit and a tag"
    parser = commands.add_parser("release", help=summary, description=f"{summary}.")
    parser.set_defaults(action="release")
    parser.add_argument("version", metavar="VERSION", help="three numbers, for example 1.2.0")


def _add_without(
    parser: argparse.ArgumentParser, summary: str, default: tuple[str, ...] | None = ()
) -> None:
    parser.add_argument(
        "--without", type=_names, default=default, metavar="NAME,NAME", help=summary
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def run(options: argparse.Namespace) -> int:
    # begin capability upstream
    if options.action == "new":
        return _new(options)
    if options.action == "adopt":
        return adopt.run(options)
    # end capability upstream
    if options.action == "release":
        return _release(options.version)
    return _update(options)


# begin capability upstream
def _new(options: argparse.Namespace) -> int:
    from infra.product import start  # noqa: PLC0415 - a product does not have it
    from infra.product.names import Names  # noqa: PLC0415

    directory: Path = options.directory
    start.start(directory, Names(options.name, options.package), options.without)
    if start.uncommitted():
        print("The product has what is committed here, and not your other changes.")
    print(f"{options.name} is in {directory}, as a git repository with one commit. Next:\n")
    print(f"    cd {directory}\n    make run")
    return 0


# end capability upstream


def _update(options: argparse.Namespace) -> int:
    project = ROOT
    # begin capability upstream
    if options.into is not None:
        project = options.into
    # end capability upstream
    found = update.prepare(project, source=options.source, to=options.to, without=options.without)
    if found is None:
        print(
            "This project has that release already."
            if options.to
            else "There is no later release. To merge what is in none yet, name a branch with --to."
        )
        return 0
    print(f"From {found.before.release} to {found.after.release}.\n")
    if found.notes:
        print(f"{found.notes}\n")
    _print_additions(found)
    if options.dry_run:
        size, conflicts = found.preview()
        print(f"Nothing is changed. The update would be: {size.strip() or 'no change of a file'}")
    else:
        conflicts = found.merge()
    if not conflicts:
        if not options.dry_run:
            print(f"The release is merged. Next: {found.next_steps}")
        return 0
    print("\nConflicts, where the project and the release changed the same lines:\n")
    print(*(f"    {path}" for path in conflicts), sep="\n")
    if not options.dry_run:
        print(
            "\nResolve them, then run `git add` and `git commit`. To give up the update, run "
            "`git merge --abort`."
        )
    return EXIT_CONFLICTS


def _release(version: str) -> int:
    tag = release.release(ROOT, version, dt.datetime.now(dt.UTC).date())
    remote = release.remote_of(ROOT)
    print(f"{version} has a commit, and the tag {tag}. Next:\n")
    print(f"    git push --follow-tags {remote} HEAD")
    return 0


def _print_additions(found: Update) -> None:
    for title, names in (
        ("New settings (docs/configuration.md)", found.new_settings()),
        ("New migrations", found.new_migrations()),
    ):
        if names:
            print(f"{title}:\n")
            print(*(f"    {name}" for name in names), sep="\n", end="\n\n")
