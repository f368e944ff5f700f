"""With an apt-get and a sudo that are shell scripts: this machine keeps the packages it has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra import environments
from infra.errors import ChildDied, InfraError
from infra.setup import browser

# Leaves an executable where the package would.
APT_GET = """#!/bin/sh
echo "$@" >> "{directory}/apt-get.calls"
case "$*" in
  *chromium*) /bin/cp "$0" "{directory}/chromium" ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on PATH, empty at first but for `env`."""
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
def test_a_chromium_that_is_there_is_enough(machine: Path, name: str) -> None:
    program(machine, name, "#!/bin/sh\n")
    browser.ensure_chromium()
    assert browser.find_chromium() == str(machine / name)


def test_root_installs_it_from_debians_package(machine: Path) -> None:
    program(machine, "apt-get", APT_GET.format(directory=machine))
    browser.ensure_chromium()
    assert calls(machine) == [
        "update",
        "install --yes --no-install-recommends chromium fonts-dejavu-core",
    ]


def test_others_install_it_with_sudo_if_it_asks_for_no_password(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(machine, "apt-get", APT_GET.format(directory=machine))
    program(machine, "true", "#!/bin/sh\n")
    program(machine, "sudo", '#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\nexec "$@"\n')
    browser.ensure_chromium()
    assert len(calls(machine)) == 2


def test_without_root_and_sudo_the_message_has_the_command(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(machine, "apt-get", APT_GET.format(directory=machine))
    with pytest.raises(InfraError, match="As root, run `apt-get install chromium"):
        browser.ensure_chromium()
    assert not (machine / "apt-get.calls").exists()


def test_elsewhere_than_on_debian_the_message_asks_for_chromium(machine: Path) -> None:
    with pytest.raises(InfraError, match="need Chromium"):
        browser.ensure_chromium()


def test_a_failing_apt_get_is_shown(machine: Path) -> None:
    program(machine, "apt-get", "#!/bin/sh\necho 'E: no network'\nexit 100\n")
    with pytest.raises(ChildDied, match="E: no network"):
        browser.ensure_chromium()
