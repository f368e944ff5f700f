"""This repository as it is, with two later releases."""

from __future__ import annotations

import re
from pathlib import Path

from docs.check import project_files
from infra.environments import ROOT
from infra.product import capabilities
from tests.infra.product.upstream import SMALL, repository_of

# What adopted projects do not have makes each update slower.
FOLDERS = r"(?:accounts|api|cognito|infra|locale|project)/"
FILES = (*SMALL, "CHANGELOG.md", "requirements/runtime.in", capabilities.FILE)
TEMPLATE = "accounts/templates/gatehouse/logged_out.html"


class Releases:
    """An upstream repository with the versions 0.2.0, 0.3.0 and 0.4.0."""

    def __init__(self, directory: Path) -> None:
        paths = [path for path in project_files(ROOT) if re.match(FOLDERS, path)]
        self.repository = repository_of([*paths, *FILES], directory)
        self.last_migration = max(
            path.stem for path in (ROOT / "accounts/migrations").glob("0*.py")
        )
        self._release("0.3.0", lambda: self._append(TEMPLATE, "{# as Gatehouse 0.3.0 has it #}\n"))
        self._release("0.4.0", self._add_a_migration)
        self.repository.git("checkout", "--quiet", "v0.2.0")

    def _release(self, version: str, change: object) -> None:
        former = self._version()
        source = self.repository
        source.replace("pyproject.toml", f'version = "{former}"', f'version = "{version}"')
        note = f"## {version}\n\n### Before you upgrade\n\n- Read about {version}."
        source.replace("CHANGELOG.md", "## Unreleased", f"{note}\n\n## Unreleased")
        assert callable(change)
        change()
        source.commit(f"Release {version}")
        source.git("tag", f"v{version}")

    def _version(self) -> str:
        text = self.repository.read("pyproject.toml")
        return text.partition('\nversion = "')[2].partition('"')[0]

    def _append(self, path: str, text: str) -> None:
        self.repository.write(path, self.repository.read(path) + text)

    def _add_a_migration(self) -> None:
        number = int(self.last_migration[:4]) + 1
        self.repository.write(
            f"accounts/migrations/{number:04}_of_a_release.py",
            "from django.db import migrations\n\n\n"
            "class Migration(migrations.Migration):\n"
            f'    dependencies = [("accounts", "{self.last_migration}")]\n'
            "    operations = []\n",
        )
