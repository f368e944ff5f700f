"""What `infra adopt` changes in a project, and what it removes to bring everything back."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from infra.environments import ROOT
from infra.errors import InfraError
from infra.product import lock
from infra.product.adopt import fragments, host, package
from infra.product.adopt.fragments import Fragments
from infra.product.adopt.host import Host
from infra.product.adopt.placement import PACKAGES
from infra.product.git import attempt, git, require_identity, require_top_of_a_repository
from infra.product.names import Names
from infra.product.start import NAME, File, Release, commit, source_of, write

# An address below which the project may have other ones: segments without special characters.
_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)*")
# A package beside manage.py hides others of its name.
_TAKEN = {*sys.stdlib_module_names, *PACKAGES, "boto3", "botocore", "django", "requests", "urllib3"}


@dataclass(frozen=True)
class Answers:
    """The options that a project was adopted with."""

    names: Names
    prefix: str
    without: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, *, name: str | None, package: str, prefix: str | None, without: Sequence[str]
    ) -> Answers:
        """Check the options, and fill in what they leave out.

        Raises:
            InfraError: an option is invalid.

        """
        names = Names(name or NAME, package)
        prefix = (prefix or package).strip("/")
        if not _PREFIX.fullmatch(prefix):
            raise InfraError(
                f"The prefix {prefix!r} is invalid: expected lower-case letters, digits, hyphens, "
                "and slashes between them."
            )
        return cls(names, prefix, tuple(sorted(set(without))))

    @property
    def fragments(self) -> Fragments:
        return Fragments(self.names.name, self.names.package, self.prefix)


@dataclass(frozen=True)
class Adoption:
    """Changes of a project that are ready to be made.

    Attributes:
        files: new files, with paths from the folder of `manage.py`.
        changes: the new text of files that exist.

    """

    host: Host
    answers: Answers
    release: Release
    files: tuple[File, ...]
    changes: Mapping[Path, str]

    @property
    def diff(self) -> str:
        return fragments.diff(self.host.top, self.changes)

    def make(self) -> None:
        """Write everything. Git has what the changed files were before."""
        write(self.host.directory, self.files, locked(self.release, self.answers))
        fragments.write(self.changes)


def locked(release: Release, answers: Answers) -> lock.Lock:
    return lock.Lock(
        name=NAME,
        source=source_of(ROOT),
        version=release.version,
        commit=release.commit,
        command=lock.ADOPT,
        answers={
            "name": answers.names.name,
            "package": answers.names.package,
            "prefix": answers.prefix,
            "without": answers.without,
        },
    )


def prepare(into: Path, answers: Answers, settings: Sequence[str], urls: str | None) -> Adoption:
    """Find out what an adoption changes in the project below `into`. Nothing is changed yet.

    Raises:
        InfraError: the project is not clean, is adopted already, or uses one of the names.

    """
    require_top_of_a_repository(ROOT)
    directory = host.directory_of(into)
    if directory.is_relative_to(ROOT):
        raise InfraError(f"{directory} is inside this repository. Name a project of your own.")
    top = host.top_of(directory)
    _require_clean(top)
    if (directory / lock.FILE).exists():
        raise InfraError(
            f"{directory} has {lock.FILE}, so it was adopted or started from here already. Update "
            "it with `python3 -m infra update`."
        )
    found = host.find(directory, settings, urls)
    _require_free(found, answers)
    release = Release.of(ROOT)
    files = tuple(package.files(release, answers.names, answers.without, lock.FILE))
    return Adoption(found, answers, release, files, answers.fragments.added(found))


def make_tree(directory: Path, answers: Answers, folder: str) -> None:
    """Make a repository with the files of this release alone, for an update to compare.

    Args:
        directory: does not exist yet.
        answers: those of the project.
        folder: the folder of the project in its repository, or an empty string.

    """
    require_identity(ROOT)
    release = Release.of(ROOT)
    files = package.files(release, answers.names, answers.without, lock.FILE)
    with tempfile.TemporaryDirectory(prefix=".adopt-", dir=directory.parent) as temporary:
        made, made_of = Path(temporary) / "product", locked(release, answers)
        write(made / folder, files, made_of)
        commit(made, made_of)
        made.rename(directory)


@dataclass(frozen=True)
class Removal:
    """What brings a project back that was adopted."""

    top: Path
    directory: Path
    package: str
    changes: Mapping[Path, str]

    @property
    def diff(self) -> str:
        return fragments.diff(self.top, self.changes)

    def make(self) -> None:
        fragments.write(self.changes)
        shutil.rmtree(self.directory / self.package)
        (self.directory / lock.FILE).unlink()


def prepare_removal(into: Path) -> Removal:
    """Find out what must go so that a project is as it was. Nothing is changed yet.

    Raises:
        InfraError: the project is not clean or not adopted, or its own code uses the package.

    """
    directory = host.directory_of(into)
    made_of = lock.read(directory)
    if made_of.command != lock.ADOPT:
        raise InfraError(f"{directory} was started from here. There is no project to go back to.")
    answers = answers_of(made_of)
    top = host.top_of(directory)
    _require_clean(top)
    name = answers.names.package
    if git(directory, "status", "--porcelain", "--", name):
        raise InfraError(f"{name} has files that are not committed. Commit or move them first.")
    naming = _files_that_name(directory, name)
    changes = answers.fragments.removed(naming)
    if remaining := [
        str(path.relative_to(directory))
        for path in naming
        if _uses(changes.get(path, fragments.read(path)), name)
    ]:
        raise InfraError(
            f"These files of the project use {name}: {', '.join(remaining)}. Remove the lines "
            "first, commit, and run the command again."
        )
    return Removal(top, directory, name, changes)


def answers_of(made_of: lock.Lock) -> Answers:
    given = made_of.answers
    return Answers.of(
        name=str(given["name"]),
        package=str(given["package"]),
        prefix=str(given["prefix"]),
        without=given.get("without", ()),
    )


def _files_that_name(directory: Path, name: str) -> list[Path]:
    """Return modules and templates outside of the package whose text has its name.

    Git ignores the settings of one developer in many projects, such as `settings/local.py`.
    """
    where = ("--untracked", "--no-exclude-standard", "-e", name, "--", "*.py", "*.html")
    # The status is 1 if no file has the word.
    listed = attempt(directory, "grep", "-z", "--name-only", "--fixed-strings", *where)
    paths = [PurePosixPath(one) for one in listed.stdout.split("\0") if one]
    return [
        directory / path for path in paths if path.parts[0] != name and not host.is_of_others(path)
    ]


def _uses(text: str, name: str) -> bool:
    """Whether a text imports the package, or has a string that names something of it."""
    parts = rf"(?:\.(?:{'|'.join(PACKAGES)})|_(?:accounts|api|identity))"
    return bool(
        re.search(rf"""^\s*(?:from|import) {name}\b|["']{name}{parts}\b""", text, re.MULTILINE)
    )


def _require_clean(top: Path) -> None:
    if git(top, "status", "--porcelain", "--untracked-files=no"):
        raise InfraError(
            f"{top} has changes that are not committed. Commit them first, so that git can bring "
            "them back."
        )


def _require_free(found: Host, answers: Answers) -> None:
    """The names of the package and of the prefix must be new to the project."""
    name = answers.names.package
    if name in _TAKEN or any(one.partition(".")[0] == name for one in found.names_in_settings()):
        raise InfraError(
            f"The package {name!r} is the name of a module of Python, of a dependency or of an "
            "application here. Choose another one, for example: --package signin."
        )
    for folder in found.modules.folders:
        for path in (folder / name, folder / f"{name}.py"):
            if path.exists():
                raise InfraError(
                    f"The project has {path.relative_to(found.directory)} already. Choose another "
                    "package, for example: --package signin."
                )
    lines = re.compile(rf"\b{name}_(?:settings|configuration)\b")
    if any(lines.search(fragments.read(one)) for one in found.settings):
        raise InfraError("The settings have lines of an adoption already. Remove them first.")
    if re.search(rf"""["'^]{re.escape(answers.prefix)}/""", fragments.read(found.urls)):
        raise InfraError(
            f"{found.urls.name} has addresses below {answers.prefix}/ already. Choose another "
            "prefix with --prefix."
        )
