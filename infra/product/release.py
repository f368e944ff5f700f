"""`infra release`: give the entries of CHANGELOG.md a version, commit it, and tag the commit.

`infra update` of a product finds releases by these tags.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from infra.errors import InfraError
from infra.product.git import attempt, git, require_identity, require_top_of_a_repository

CHANGELOG, PROJECT = "CHANGELOG.md", "pyproject.toml"
UNRELEASED = "## Unreleased\n"
# What a tag and the version that it stands for look like.
TAG = re.compile(r"v(\d+)\.(\d+)\.(\d+)")

_VERSION = re.compile(r'^version = "(.*)"$', re.MULTILINE)


def versions(repository: Path) -> dict[tuple[int, ...], str]:
    """Return the tags of the releases of a repository, by their numbers."""
    return {
        tuple(map(int, match.groups())): match[0]
        for tag in git(repository, "tag", "--list").splitlines()
        if (match := TAG.fullmatch(tag))
    }


def release(repository: Path, version: str, day: dt.date) -> str:
    """Commit a release and tag it. Return the tag.

    Raises:
        InfraError: the version is not later than the last one, nothing changed, or the repository
            has changes that are not committed.

    """
    tag = f"v{version}"
    if not (match := TAG.fullmatch(tag)):
        raise InfraError(
            f"The version {version!r} is invalid: expected three numbers, as in 1.2.0."
        )
    require_top_of_a_repository(repository)
    require_identity(repository)
    if git(repository, "status", "--porcelain"):
        raise InfraError("The repository has changes that are not committed. Commit them first.")
    texts = {name: (repository / name).read_text("utf-8") for name in (CHANGELOG, PROJECT)}
    former = _VERSION.search(texts[PROJECT])
    if former is None:
        raise InfraError(f"{PROJECT} has no version.")
    last = max([*versions(repository), _numbers(former[1])])
    if tuple(map(int, match.groups())) <= last:
        raise InfraError(
            f"{version} is not later than {'.'.join(map(str, last))}, the version that is there."
        )
    changed = {
        CHANGELOG: _released(texts[CHANGELOG], f"## {version} ({day.isoformat()})\n"),
        PROJECT: _VERSION.sub(f'version = "{version}"', texts[PROJECT], count=1),
    }
    for name, text in changed.items():
        (repository / name).write_text(text, "utf-8")
    message = f"Release {version}"
    git(repository, "commit", "--quiet", "--message", message, "--", *changed)
    git(repository, "tag", "--annotate", "--message", message, tag)
    return tag


def remote_of(repository: Path) -> str:
    """Return the name of the remote repository that the branch is pushed to."""
    branch = git(repository, "rev-parse", "--abbrev-ref", "HEAD")
    return attempt(repository, "config", f"branch.{branch}.remote").stdout.strip() or "origin"


def _numbers(version: str) -> tuple[int, ...]:
    match = TAG.fullmatch(f"v{version}")
    return tuple(map(int, match.groups())) if match else (0, 0, 0)


def _released(changelog: str, heading: str) -> str:
    before, found, after = changelog.partition(UNRELEASED)
    entries = after.partition("\n## ")[0]
    if not found or not re.search(r"^- ", entries, re.MULTILINE):
        raise InfraError(
            f'{CHANGELOG} has no entry under "{UNRELEASED.strip()}". Say what users notice: that '
            "is what an update shows them."
        )
    return f"{before}{UNRELEASED}\n{heading}{after}"
