"""An upstream repository for tests: this one, or a small one with its own `infra new`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from docs.check import project_files
from infra.environments import ROOT

# A developer's own configuration of git has no effect.
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{role}_NAME": "Ada Lovelace" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "ada@example.com" for role in ("AUTHOR", "COMMITTER")},
}
# What `infra new` needs, besides the modules of infra.
SMALL = ("pyproject.toml", "LICENSE", ".env.example", ".gitignore", "requirements.txt")


PAGE = "pages/page.md"
EXAMPLE = """
[example]
summary = "a folder, and a line of a shared file"
paths = ["example"]
"""


class Repository:
    """A git repository in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def git(self, *arguments: str) -> str:
        done = self._run("git", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def infra(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m infra` of this repository."""
        return self._run(sys.executable, "-m", "infra", *arguments)

    def commit(self, subject: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", subject)

    def write(self, path: str, text: str) -> None:
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def read(self, path: str) -> str:
        return (self.directory / path).read_text("utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text
        self.write(path, text.replace(old, new))

    def has(self, path: str) -> bool:
        return (self.directory / path).exists()

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.directory,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def repository_of(paths: Iterable[str], directory: Path) -> Repository:
    """Copy files of this checkout, as they are now, into a new repository."""
    for path in paths:
        if (ROOT / path).is_file():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, directory / path)
    made = Repository(directory)
    version = made.read("pyproject.toml").partition('\nversion = "')[2].partition('"')[0]
    made.replace("pyproject.toml", f'\nversion = "{version}"', '\nversion = "0.2.0"')
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit("Release 0.2.0")
    made.git("tag", "v0.2.0")
    return made


def whole(directory: Path) -> Repository:
    return repository_of(project_files(ROOT), directory)


def small(directory: Path) -> Repository:
    """A repository with `infra new` and few other files, in which each command is fast."""
    files = [path for path in project_files(ROOT) if re.fullmatch(r"infra/.*\.py", path)]
    made = repository_of([*files, "infra/product/capabilities.toml", *SMALL], directory)
    capabilities = made.read("infra/product/capabilities.toml") + EXAMPLE
    made.write("infra/product/capabilities.toml", capabilities)
    made.write("CHANGELOG.md", "# Changes\n\n## 0.2.0\n\n- The first.\n")
    made.write(PAGE, "Gatehouse:\n" + "".join(f"line {number}\n" for number in range(20)))
    made.write("gatehouse/view.py", "NAME = 'gatehouse'\n")
    made.write("example/view.py", "NAME = 'example'\n")
    made.write("urls.py", 'URLS = [\n    "view",\n    "example",  # only with example\n]\n')
    made.commit("Release 0.2.0 with pages")
    made.git("tag", "--force", "v0.2.0")
    return made
