"""`infra new`: a product of its own, made of the files of this repository.

The product is a git repository with one commit. `infra update` makes the same of a later release,
and git merges the two: docs/upgrade.md.
"""

from __future__ import annotations

import io
import re
import tarfile
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit, urlunsplit

from infra.environments import ROOT
from infra.errors import InfraError
from infra.product import capabilities, lock
from infra.product.git import (
    archive,
    attempt,
    git,
    require_identity,
    require_top_of_a_repository,
)
from infra.product.imports import without_unused
from infra.product.links import without_links
from infra.product.names import Names

NAME = "Gatehouse"
# Its copyright is that of the upstream authors.
_NOT_RENAMED = ("LICENSE",)
# The version of a product is its own: an update must not change it.
_FIRST_VERSION = "0.1.0"


@dataclass(frozen=True)
class File:
    path: PurePosixPath
    content: bytes
    is_executable: bool


@dataclass(frozen=True)
class Release:
    """The files of a commit of this repository, before they are a product's."""

    version: str
    commit: str
    files: Mapping[str, File]

    @classmethod
    def of(cls, repository: Path) -> Release:
        """Return what the repository has committed."""
        commit = git(repository, "rev-parse", "HEAD")
        files = {str(file.path): file for file in _archived(repository, commit)}
        project = tomllib.loads(files["pyproject.toml"].content.decode())["project"]
        return cls(project["version"], commit, files)

    def product(self, names: Names, without: Sequence[str]) -> Iterator[File]:
        """Yield the files of a product, with its names, and without what it leaves out."""
        self._require_free(names.package)
        for file, text in self.without(without):
            content = file.content if text is None else _named(file, text, names).encode()
            yield File(names.in_path(file.path), content, file.is_executable)

    def without(self, names: Sequence[str]) -> Iterator[tuple[File, str | None]]:
        """Yield each file that stays without these capabilities, and its text if it has one."""
        known = self.known
        left_out = capabilities.left_out(known, names)
        left_out_names = [one.name for one in left_out]

        def is_left_out(path: str) -> bool:
            return any(capability.has(path) for capability in left_out)

        for path, file in self.files.items():
            if is_left_out(path):
                continue
            if (text := _text(file.content)) is not None:
                try:
                    shorter = capabilities.without(text, left_out_names, known)
                    if file.path.suffix == ".py" and shorter != text:
                        shorter = without_unused(text, shorter)
                except (ValueError, SyntaxError) as error:
                    raise InfraError(f"{path}: {error}.") from error
                text = shorter
                if file.path.suffix == ".md":
                    text = without_links(text, path, is_left_out)
            yield file, text

    @property
    def known(self) -> Mapping[str, capabilities.Capability]:
        return capabilities.parse(self.files[capabilities.FILE].content.decode())

    def _require_free(self, package: str) -> None:
        """A folder, a module or a package with this name would be mistaken for the product."""
        taken = {
            part.partition(".")[0] for path in self.files for part in PurePosixPath(path).parts
        }
        for path, file in self.files.items():
            if path.startswith("requirements"):
                taken |= set(re.findall(r"^([a-z0-9]+)\b", file.content.decode(), re.MULTILINE))
        if package in taken:
            raise InfraError(
                f"The package {package!r} is the name of a file, a folder or a dependency here. "
                "Choose another one."
            )


def _named(file: File, text: str, names: Names) -> str:
    if str(file.path) == "pyproject.toml":
        line = f'version = "{_FIRST_VERSION}"'
        text = re.sub(r'^version = ".*"$', line, text, count=1, flags=re.MULTILINE)
    return text if str(file.path) in _NOT_RENAMED else names.in_text(text)


def start(directory: Path, names: Names, without: Sequence[str]) -> None:
    """Make a product in a directory that does not exist yet, or is empty.

    Raises:
        InfraError: the directory is not usable, or git is not.

    """
    require_top_of_a_repository(ROOT)
    if directory.is_relative_to(ROOT):
        raise InfraError(f"{directory} is inside this repository. Choose a directory beside it.")
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise InfraError(f"{directory} is not an empty directory. Choose another one.")
    require_identity(ROOT)
    release = Release.of(ROOT)
    made_of = lock.Lock(
        name=NAME,
        source=source_of(ROOT),
        version=release.version,
        commit=release.commit,
        answers={
            "name": names.name,
            "package": names.package,
            "without": tuple(sorted(set(without))),
        },
    )
    directory.parent.mkdir(parents=True, exist_ok=True)
    # All of the product appears at once, or nothing does.
    with tempfile.TemporaryDirectory(prefix=".new-", dir=directory.parent) as temporary:
        product = Path(temporary) / "product"
        write(product, release.product(names, without), made_of)
        commit(product, made_of)
        if directory.exists():
            directory.rmdir()
        product.rename(directory)


def uncommitted() -> bool:
    """Whether this checkout has changes that are in no commit, so that a product lacks them."""
    return bool(git(ROOT, "status", "--porcelain"))


def source_of(repository: Path) -> str:
    """Return the address that the repository was cloned from, or else its path."""
    origin = attempt(repository, "remote", "get-url", "origin").stdout.strip()
    if not origin:
        return str(repository)
    parts = urlsplit(origin)
    if parts.scheme in {"http", "https"}:
        # The file is committed, and an address may have a password.
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return origin if parts.scheme or ":" in origin else str((repository / origin).resolve())


def _archived(repository: Path, commit: str) -> Iterator[File]:
    with tarfile.open(fileobj=io.BytesIO(archive(repository, commit))) as tar:
        for member in tar:
            opened = tar.extractfile(member) if member.isfile() else None
            if opened is not None:
                executable = bool(member.mode & 0o100)
                yield File(PurePosixPath(member.name), opened.read(), executable)


def _text(content: bytes) -> str | None:
    try:
        return None if b"\0" in content else content.decode()
    except UnicodeDecodeError:
        return None


def write(product: Path, files: Iterable[File], made_of: lock.Lock) -> None:
    for file in files:
        path = product / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(0o755 if file.is_executable else 0o644)
    (product / lock.FILE).write_text(made_of.text(), "utf-8")


def commit(product: Path, made_of: lock.Lock) -> None:
    """Make the first commit without the hooks that a developer has for all repositories."""
    git(product, "init", "--quiet", "--initial-branch=main", "--template=")
    # An ignored file of a developer's own configuration is a file of the product all the same.
    git(product, "add", "--all", "--force")
    tree = git(product, "write-tree")
    made = git(product, "commit-tree", tree, "-m", f"Start from {made_of.release}")
    for ref in ("refs/heads/main", f"refs/tags/{made_of.tag}"):
        git(product, "update-ref", ref, made)
