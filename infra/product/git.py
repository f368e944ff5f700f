"""Run git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from infra.errors import InfraError

# A clone of the whole history takes seconds. A slow network, or a question for a password, minutes.
CLONE_SECONDS = 600
OTHER_SECONDS = 120

_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


def git(directory: Path, *arguments: str, seconds: float = OTHER_SECONDS) -> str:
    """Run git in `directory` and return what it prints.

    Raises:
        InfraError: git failed. The message has what it said.

    """
    done = attempt(directory, *arguments, seconds=seconds)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise InfraError(f"`git {arguments[0]}` failed in {directory}:\n{said}")
    return done.stdout.strip()


def attempt(
    directory: Path, *arguments: str, seconds: float = OTHER_SECONDS
) -> subprocess.CompletedProcess[str]:
    """Run git in `directory`, and return its status and what it printed."""
    done = _run(directory, arguments, seconds)
    texts = (said.decode("utf-8", "surrogateescape") for said in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, *texts)


def archive(repository: Path, commit: str) -> bytes:
    """Return the files of a commit as a tar archive."""
    done = _run(repository, ("archive", "--format=tar", commit), OTHER_SECONDS)
    if done.returncode:
        raise InfraError(f"`git archive` failed in {repository}:\n{done.stderr.decode()}")
    return done.stdout


def own_environment() -> dict[str, str]:
    """Return the environment without what git sets for its hooks: it leads to one repository."""
    return {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}


def _run(
    directory: Path, arguments: Sequence[str], seconds: float
) -> subprocess.CompletedProcess[bytes]:
    # The content of a release does not depend on a developer's configuration.
    options = ("-c", "core.autocrlf=false", "-c", "core.quotePath=false")
    try:
        return subprocess.run(  # the arguments are those of this package
            ["git", "-C", str(directory), *options, *arguments],  # of the PATH
            env=own_environment() | {"LC_ALL": "C.UTF-8"},
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except FileNotFoundError:
        raise InfraError("This command needs git. Install it.") from None
    except subprocess.TimeoutExpired:
        raise InfraError(f"`git {arguments[0]}` took longer than {seconds:.0f} seconds.") from None


def clone(source: str, directory: Path) -> None:
    """Clone `source` with its whole history, without checking anything out."""
    arguments = ("clone", "--quiet", "--no-checkout", "--", source, str(directory))
    git(directory.parent, *arguments, seconds=CLONE_SECONDS)


def require_top_of_a_repository(directory: Path) -> None:
    done = attempt(directory, "rev-parse", "--show-toplevel")
    if done.returncode or Path(done.stdout.strip()).resolve() != directory.resolve():
        raise InfraError(f"{directory} is not a clone made by git, which this command needs.")


def require_identity(directory: Path) -> None:
    """Check that git knows the developer's name, which each commit has."""
    if attempt(directory, "var", "GIT_COMMITTER_IDENT").returncode:
        raise InfraError(
            "Git does not know your name. Set it with `git config --global user.name NAME` and "
            "`git config --global user.email ADDRESS`, then run the command again."
        )
