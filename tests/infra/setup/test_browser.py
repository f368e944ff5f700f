"""Install Chromium with fake apt-get and sudo scripts, which change no packages."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from infra import environments
from infra.errors import ChildDied, InfraError
from infra.setup import browser

# Creates an executable as the package does.
APT_GET = """#!/bin/sh
echo "$@" >> "{directory}/apt-get.calls"
case "$*" in
  *chromium*) /bin/cp "$0" "{directory}/chromium" ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only directory on PATH, which contains only `env`."""
    directory = tmp_path / "bin"
    directory.mkdir()
    program(directory, "env", '#!/bin/sh\nexec /usr/bin/env "$@"\n')
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setattr(environments, "VENVS", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return directory


def program(directory: Path, name: str, text: str) -> None:
    path = directory / name
    path.write_text(text)
    path.chmod(0o755)


def calls(machine: Path) -> list[str]:
    return (machine / "apt-get.calls").read_text().splitlines()


@pytest.mark.parametrize("name", browser.EXECUTABLES)
def test_installed_chromium_is_used(machine: Path, name: str) -> None:
    program(machine, name, "#!/bin/sh\n")
    browser.ensure_chromium()
    assert browser.find_chromium() == str(machine / name)


@pytest.mark.parametrize(
    ("system", "package"), [("debian", "chromium-headless-shell"), ("ubuntu", "chromium")]
)
def test_root_installs_chromium_from_debian(
    machine: Path, monkeypatch: pytest.MonkeyPatch, system: str, package: str
) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": system})
    program(machine, "apt-get", APT_GET.format(directory=machine))
    browser.ensure_chromium()
    assert calls(machine) == [
        "update",
        f"install --yes --no-install-recommends {package} fonts-dejavu-core",
    ]


def test_headless_shell_is_preferred_to_the_complete_browser(machine: Path) -> None:
    for name in ("chromium", browser.HEADLESS_SHELL):
        program(machine, name, "#!/bin/sh\n")
    assert browser.find_chromium() == str(machine / browser.HEADLESS_SHELL)


def test_other_user_installs_chromium_with_sudo_without_a_password(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(machine, "apt-get", APT_GET.format(directory=machine))
    program(machine, "true", "#!/bin/sh\n")
    program(machine, "sudo", '#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\nexec "$@"\n')
    browser.ensure_chromium()
    assert len(calls(machine)) == 2


def test_error_without_root_and_sudo_contains_the_command(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(machine, "apt-get", APT_GET.format(directory=machine))
    with pytest.raises(InfraError, match="As root, run `apt-get install chromium"):
        browser.ensure_chromium()
    assert not (machine / "apt-get.calls").exists()


def test_error_on_another_system_asks_for_chromium(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_missing() -> dict[str, str]:
        raise OSError

    monkeypatch.setattr(platform, "freedesktop_os_release", is_missing)
    with pytest.raises(InfraError, match="need Chromium"):
        browser.ensure_chromium()


def test_error_of_apt_get_is_shown(machine: Path) -> None:
    program(machine, "apt-get", "#!/bin/sh\necho 'E: no network'\nexit 100\n")
    with pytest.raises(ChildDied, match="E: no network"):
        browser.ensure_chromium()
