"""`infra update`: merge a later release of the upstream project into a product.

A release becomes a commit with the product's names, made by the release's own `infra new`, or by
its `infra adopt` for a project that was adopted. So git has three of them to compare, as in any
merge: the release that the product has, the later one, and the product. A conflict is left only
where the product and the release changed the same lines.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from infra.errors import InfraError
from infra.product import changes, lock
from infra.product.git import (
    attempt,
    clone,
    git,
    own_environment,
    require_identity,
    require_top_of_a_repository,
)
from infra.product.lock import Answer, Lock
from infra.product.release import versions

# Writing the thousand files of a release takes a second or two.
MAKING_SECONDS = 300


@dataclass(frozen=True)
class Update:
    """A release that is ready to be merged. `head` and `release` are commits of the product.

    `project` is the top of its repository.
    """

    project: Path
    before: Lock
    after: Lock
    head: str
    release: str
    notes: str

    def preview(self) -> tuple[str, list[str]]:
        """Return the size of the change, and the files with conflicts. Nothing changes."""
        arguments = ("--write-tree", "--name-only", "--no-messages", self.head, self.release)
        done = attempt(self.project, "merge-tree", *arguments)
        if done.returncode not in (0, 1):
            raise InfraError(f"A preview needs git 2.38 or newer:\n{done.stderr.strip()}")
        tree, *conflicts = done.stdout.strip().splitlines()
        return git(self.project, "diff", "--shortstat", "HEAD", tree), conflicts

    def merge(self) -> list[str]:
        """Merge, and return the files with conflicts, which the developer resolves."""
        if self.head != git(self.project, "rev-parse", "HEAD"):
            git(self.project, "update-ref", "-m", "infra update", "HEAD", self.head)
        # Git writes this name beside the lines in conflict.
        git(self.project, "update-ref", f"refs/tags/{self.after.tag}", self.release)
        message = f"Update to {self.after.release}"
        done = attempt(self.project, "merge", "--no-ff", "--quiet", "-m", message, self.after.tag)
        if not done.returncode:
            return []
        conflicts = git(self.project, "diff", "--name-only", "--diff-filter=U").splitlines()
        if not conflicts:
            raise InfraError(
                f"Git did not merge the release:\n{(done.stderr or done.stdout).strip()}"
            )
        return conflicts

    def new_settings(self) -> list[str]:
        """Return the names of the settings that the release adds to `.env.example`."""
        names = re.compile(r"^#? ?([A-Z][A-Z0-9_]+)=", re.MULTILINE)
        listed = git(self.project, "ls-tree", "-r", "--name-only", self.release).splitlines()
        path = next((one for one in listed if PurePosixPath(one).name == ".env.example"), "")
        before, after = (
            set(names.findall(self._file(commit, path)))
            for commit in (f"{self.release}^", self.release)
        )
        return sorted(after - before)

    @property
    def next_steps(self) -> str:
        if self.after.command == lock.NEW:
            return "`make test`, and `make lint`."
        requirements = f"{self.after.answers['package']}/requirements.txt"
        install = f"`python -m pip install -r {requirements}`"
        return f"{install}, `python manage.py migrate`, and your tests."

    def new_migrations(self) -> list[str]:
        listed = ("diff", "--name-only", "--diff-filter=A", f"{self.release}^", self.release)
        return [
            path
            for path in git(self.project, *listed).splitlines()
            if re.search(r"/migrations/\d{4}_\w+\.py$", path)
        ]

    def _file(self, commit: str, path: str) -> str:
        return attempt(self.project, "show", f"{commit}:{path}").stdout


def prepare(
    project: Path, *, source: str | None, to: str | None, without: tuple[str, ...] | None
) -> Update | None:
    """Fetch a release, and make a commit of it in the product's repository.

    Return None if the product has this release.

    Args:
        project: The product, or the folder of `manage.py` of a project that was adopted.
        source: The upstream repository, if it is no longer where the lock file says.
        to: A version, tag, branch or commit. By default, the newest version.
        without: What to leave out, if that changes.

    Raises:
        InfraError: the product has changes that are not committed, or there is no such release.

    """
    before = lock.read(project)
    folder = _folder(project, before)
    if folder:
        project = project.parents[len(PurePosixPath(folder).parts) - 1]
    require_identity(project)
    if git(project, "status", "--porcelain", "--untracked-files=no"):
        raise InfraError("The project has changes that are not committed. Commit them first.")
    answers = dict(before.answers)
    if without is not None:
        answers["without"] = tuple(sorted(set(without)))
    with tempfile.TemporaryDirectory(prefix="infra-update-") as temporary:
        upstream = Path(temporary).resolve() / "upstream"
        clone(_absolute(source or before.source), upstream)
        commit = _commit_of(upstream, to) if to else _newest(upstream, before, answers)
        if commit == before.commit and answers == before.answers:
            return None
        _require_later(upstream, before, commit)
        changelogs = [
            attempt(upstream, "show", f"{one}:CHANGELOG.md").stdout
            for one in (before.commit, commit)
        ]
        origin = git(upstream, "remote", "get-url", "origin")
        base = _release(project, upstream, before, folder)
        later = replace(before, commit=commit, source=origin, answers=answers)
        tree = _release(project, upstream, later, folder)
    after = lock.parse(git(project, "show", f"{tree}:{PurePosixPath(folder, lock.FILE)}"))
    head, parent = _with_base(project, base, before)
    release = git(project, "commit-tree", tree, "-p", parent, "-m", after.release)
    return Update(project, before, after, head, release, changes.added(*changelogs))


def _folder(project: Path, made_of: Lock) -> str:
    """Return the folder of an adopted project in its repository, or an empty string."""
    if made_of.command == lock.NEW:
        require_top_of_a_repository(project)
    return git(project, "rev-parse", "--show-prefix").rstrip("/")


def _absolute(source: str) -> str:
    """Return an address as it is, and a path as one that does not depend on the directory."""
    path = Path(source)
    return str(path.resolve()) if path.exists() else source


def _newest(upstream: Path, before: Lock, answers: Mapping[str, Answer]) -> str:
    """Return the commit of the newest release, or that of the product if it has all releases."""
    found = versions(upstream)
    if not found and answers == before.answers:
        branch = git(upstream, "rev-parse", "--abbrev-ref", "HEAD")
        address = git(upstream, "remote", "get-url", "origin")
        raise InfraError(
            f"The upstream repository, {address}, has no release, which is a commit with a tag "
            "such as v1.2.0. If it moved, name its new address with --from. To merge what is "
            f"there, name a branch or a commit: --to {branch}."
        )
    if not found:
        return before.commit
    newest = git(upstream, "rev-parse", f"refs/tags/{found[max(found)]}^{{commit}}")
    # The product can have commits of upstream that are in no release yet.
    is_there = attempt(upstream, "merge-base", "--is-ancestor", newest, before.commit)
    return newest if is_there.returncode else before.commit


def _commit_of(upstream: Path, to: str) -> str:
    """Return the commit of a version, tag, branch or commit."""
    for name in (f"refs/tags/{to}", f"refs/tags/v{to}", f"refs/remotes/origin/{to}", to):
        found = attempt(upstream, "rev-parse", "--quiet", "--verify", f"{name}^{{commit}}")
        if not found.returncode and not name.startswith("-"):
            return found.stdout.strip()
    raise InfraError(f"The upstream repository has no version, tag, branch or commit {to!r}.")


def _require_later(upstream: Path, before: Lock, commit: str) -> None:
    if attempt(upstream, "cat-file", "-e", f"{before.commit}^{{commit}}").returncode:
        raise InfraError(
            f"The upstream repository lacks the commit {before.commit[:7]}, which this project "
            "has. Give its place with `--from`."
        )
    if attempt(upstream, "merge-base", "--is-ancestor", before.commit, commit).returncode:
        raise InfraError(
            f"{commit[:7]} is older than {before.commit[:7]}, which this project has. To go back, "
            "revert the commit of the update."
        )


def _release(project: Path, upstream: Path, made_of: Lock, folder: str) -> str:
    """Return the tree of a release with the product's names, which its own command makes."""
    git(upstream, "checkout", "--quiet", "--force", "--detach", made_of.commit)
    # The lock file contains it.
    git(upstream, "remote", "set-url", "origin", made_of.source)
    with tempfile.TemporaryDirectory(prefix="infra-update-") as temporary:
        product = Path(temporary) / "product"
        arguments = [str(product)]
        if made_of.command != lock.NEW:
            arguments = ["--tree", str(product), "--folder", folder]
        command = (made_of.command, *arguments, *_options(made_of.answers))
        done = subprocess.run(  # the command of the release
            [sys.executable, "-m", "infra", *command],
            cwd=upstream,
            env=own_environment() | dict(_identity(project)) | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=MAKING_SECONDS,
        )
        if done.returncode:
            release = f"{made_of.commit[:7]} failed:\n{done.stderr.strip()}"
            raise InfraError(f"`infra {made_of.command}` of {release}")
        git(project, "fetch", "--quiet", "--no-tags", str(product), "main")
    return git(project, "rev-parse", "FETCH_HEAD^{tree}")


def _options(answers: Mapping[str, Answer]) -> Iterator[str]:
    for name, answer in answers.items():
        if answer:
            yield f"--{name}={answer if isinstance(answer, str) else ','.join(answer)}"


def _identity(project: Path) -> Iterator[tuple[str, str]]:
    """The name that git has for the developer in this repository, for the other ones."""
    match = re.match(r"(.*) <(.*)> ", git(project, "var", "GIT_COMMITTER_IDENT"))
    if match:
        for role in ("AUTHOR", "COMMITTER"):
            yield f"GIT_{role}_NAME", match[1]
            yield f"GIT_{role}_EMAIL", match[2]


def _with_base(project: Path, base: str, before: Lock) -> tuple[str, str]:
    """Return the head to merge into, and its ancestor that is the present release.

    A merge needs that ancestor. If it is not in the history, because a merge was squashed, a
    commit with the files of the head and both as parents takes its place.
    """
    head = git(project, "rev-parse", "HEAD")
    for line in git(project, "log", "--format=%H %T").splitlines():
        commit, _, tree = line.partition(" ")
        if tree == base:
            return head, commit
    message = f"Record that {before.release} is merged"
    commit = git(project, "commit-tree", base, "-m", before.release)
    tree = f"{head}^{{tree}}"
    return git(project, "commit-tree", tree, "-p", head, "-p", commit, "-m", message), commit
