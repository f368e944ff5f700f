"""Install npm packages with fake node and npm scripts, which download nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from infra import environments
from infra.errors import ChildDied, InfraError
from infra.setup import node

# Empties node_modules first, as the real npm does.
NPM = """#!/bin/sh
echo "$@" >> "{directory}/npm.calls"
/bin/rm -rf "{modules}"
/bin/mkdir "{modules}"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "package-lock.json").write_text("{}")
    return project


@pytest.fixture
def machine(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only directory on PATH, which contains node and npm."""
    directory = tmp_path / "bin"
    directory.mkdir()
    program(directory, "node", "#!/bin/sh\necho v20.1.0\n")
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setattr(environments, "VENVS", tmp_path / "venvs")
    modules = tmp_path / "venvs/node/node_modules"
    program(directory, "npm", NPM.format(directory=directory, modules=modules))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return directory


def program(directory: Path, name: str, text: str) -> None:
    path = directory / name
    path.write_text(text)
    path.chmod(0o755)


def calls(machine: Path) -> list[str]:
    return (machine / "npm.calls").read_text().splitlines()


def test_packages_are_installed_once_and_run_no_scripts(machine: Path, project: Path) -> None:
    before = sorted(project.iterdir())
    modules = node.ensure_packages(project)
    assert node.ensure_packages(project) == modules
    directory = modules.parent
    assert calls(machine) == [f"ci --ignore-scripts --no-audit --no-fund --prefix {directory}"]
    assert (directory / "package-lock.json").read_text() == "{}"
    assert sorted(project.iterdir()) == before, "npm installed files into the checkout"


def test_changed_lock_file_is_installed(machine: Path, project: Path) -> None:
    node.ensure_packages(project)
    (project / "package-lock.json").write_text('{"packages": {}}')
    node.ensure_packages(project)
    assert len(calls(machine)) == 2


def test_failed_installation_shows_the_reason_and_is_repeated(machine: Path, project: Path) -> None:
    good = (machine / "npm").read_text()
    program(machine, "npm", "#!/bin/sh\necho 'EINTEGRITY: wrong digest'\nexit 1\n")
    with pytest.raises(ChildDied, match="EINTEGRITY"):
        node.ensure_packages(project)
    program(machine, "npm", good)
    node.ensure_packages(project)
    assert len(calls(machine)) == 1


@pytest.mark.parametrize("missing", node.PROGRAMS)
def test_error_without_npm_says_what_to_install(machine: Path, project: Path, missing: str) -> None:
    (machine / missing).unlink()
    with pytest.raises(
        InfraError, match=r"need Node\.js with npm(?s:.)+apt-get install nodejs npm"
    ):
        node.ensure_packages(project)


@pytest.mark.parametrize("version", ["v16.20.2", "", "node 20"])
def test_error_names_a_too_old_node(machine: Path, project: Path, version: str) -> None:
    program(machine, "node", f"#!/bin/sh\necho '{version}'\n")
    with pytest.raises(InfraError, match="18 or newer"):
        node.ensure_packages(project)


def test_lock_file_pins_exact_versions_and_names_no_registry() -> None:
    manifest = json.loads((node.PROJECT / "package.json").read_text())
    lock = json.loads((node.PROJECT / "package-lock.json").read_text())["packages"]
    for name, version in manifest["devDependencies"].items():
        assert lock[f"node_modules/{name}"]["version"] == version
    packages = [entry for path, entry in lock.items() if path]
    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages)
    assert not [entry for entry in packages if "resolved" in entry]


def test_installed_packages_have_the_locked_versions(node_modules: Path) -> None:
    lock = json.loads((node.PROJECT / "package-lock.json").read_text())["packages"]
    installed = json.loads((node_modules / "axe-core/package.json").read_text())
    assert installed["version"] == lock["node_modules/axe-core"]["version"]
