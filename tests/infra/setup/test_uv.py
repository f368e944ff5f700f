"""Download uv from wheels that the tests create, without network."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.environments import Environment
from infra.errors import ChildDied, InfraError
from infra.setup import uv
from infra.setup.install import prepare_environment

# A Python with pip. `pip download --dest` copies the wheel there.
WITH_PIP = """#!/bin/sh
case "$*" in
  *"pip --version") exit 0 ;;
  *" download "*) while [ "$1" != --dest ]; do shift; done; cp "{wheel}" "$2" ;;
  *) exit 1 ;;
esac
"""
WITHOUT_PIP = """#!/bin/sh
case "$*" in *"-m venv"*) exit 0 ;; *) exit 1 ;; esac
"""
NOTHING = "#!/bin/sh\nexit 1\n"


@pytest.fixture(autouse=True)
def forget_configuration() -> Iterator[None]:
    uv.environment.cache_clear()
    yield
    uv.environment.cache_clear()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the `.venvs` of a new checkout of a user with an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(uv, "VENVS", tmp_path / "venvs")
    monkeypatch.setattr(uv, "LOCK_FILE", tmp_path / "uv.txt")
    return tmp_path / "venvs"


def python_is(monkeypatch: pytest.MonkeyPatch, directory: Path, script: str) -> None:
    python = directory / "python3"
    python.write_text(script)
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))


def wheel_of_uv(directory: Path, script: str = "#!/bin/sh\nexit 0\n") -> Path:
    """Make a wheel with a program in it, and the lock file that names the wheel."""
    wheel = directory / "uv-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("uv-1.0.data/scripts/uv", script)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    uv.LOCK_FILE.write_text(f"uv==1.0 --hash=sha256:{digest}\n")
    return wheel


def test_uv_has_the_locked_version() -> None:
    done = subprocess.run([uv.program(), "--version"], capture_output=True, text=True, check=True)
    assert f"\nuv=={done.stdout.split()[1]} \\\n" in uv.LOCK_FILE.read_text()


def test_pip_downloads_uv_once_for_all_checkouts(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = wheel_of_uv(tmp_path)
    python_is(monkeypatch, tmp_path, WITH_PIP.format(wheel=wheel))
    assert uv.program() == checkout / "uv" / "uv"

    python_is(monkeypatch, tmp_path, NOTHING)
    assert uv.program().exists()
    monkeypatch.setattr(uv, "VENVS", tmp_path / "other")
    assert uv.program() == tmp_path / "other" / "uv" / "uv"


def test_wheel_with_another_hash_is_refused(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = wheel_of_uv(tmp_path)
    wheel_of_uv(tmp_path, "#!/bin/sh\necho forged\n").replace(tmp_path / "forged.whl")
    python_is(monkeypatch, tmp_path, WITH_PIP.format(wheel=tmp_path / "forged.whl"))
    uv.LOCK_FILE.write_text("uv==1.0 --hash=sha256:" + "0" * 64)
    with pytest.raises(InfraError, match="does not run here"):
        uv.program()
    assert not wheel.exists()
    assert not (checkout / "uv" / "uv").exists()


def test_changed_lock_file_downloads_another_uv(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = wheel_of_uv(tmp_path)
    python_is(monkeypatch, tmp_path, WITH_PIP.format(wheel=wheel))
    before = uv.program().read_text()
    wheel_of_uv(tmp_path, "#!/bin/sh\n# newer\nexit 0\n")
    assert uv.program().read_text() != before


def test_uv_is_kept_in_the_checkout_if_the_home_is_not_writable(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    python_is(monkeypatch, tmp_path, WITH_PIP.format(wheel=wheel_of_uv(tmp_path)))
    assert uv.program().exists()
    assert list((checkout / "uv").glob("*.whl"))


def test_failed_download_shows_the_output_of_pip(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel_of_uv(tmp_path)
    python_is(monkeypatch, tmp_path, WITH_PIP.format(wheel="/nowhere/uv.whl"))
    with pytest.raises(ChildDied, match=r"pip, downloading uv, failed(?s:.)+/nowhere/uv.whl"):
        uv.program()


def test_python_without_pip_makes_an_environment_with_pip(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python_is(monkeypatch, tmp_path, WITHOUT_PIP)
    assert uv.pip_command()[0] == checkout / "pip" / "bin" / "python"


def test_python_without_pip_and_venv_is_refused_with_a_remedy(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python_is(monkeypatch, tmp_path, NOTHING)
    with pytest.raises(InfraError, match=r"has no pip. Install it(?s:.)+python3-pip"):
        uv.pip_command()


def test_configuration_of_pip_applies_to_uv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        "[global]\nindex-url = https://global.example/simple\ntimeout = 7\n"
        "extra-index-url = https://one.example/simple\n    https://two.example/simple\n"
        "[install]\nindex-url = https://install.example/simple\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    (tmp_path / "wheels").mkdir()
    links = f"{tmp_path}/missing {tmp_path.as_uri()}/wheels ~/wheels https://links.example"
    monkeypatch.setenv("PIP_FIND_LINKS", links)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PIP_CERT", "/etc/company.pem")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "9")
    variables = uv.environment()
    assert variables["UV_DEFAULT_INDEX"] == "https://install.example/simple"
    assert variables["UV_INDEX"] == "https://one.example/simple https://two.example/simple"
    wheels = f"{tmp_path}/wheels"
    # pip ignores a missing directory.
    assert variables["UV_FIND_LINKS"] == f"{wheels},{wheels},https://links.example"
    assert variables["SSL_CERT_FILE"] == "/etc/company.pem"
    assert variables["UV_HTTP_TIMEOUT"] == "9", "variables of uv have precedence"


def test_configuration_of_pip_applies_if_python_has_no_pip(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = checkout / "pip" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    python_is(monkeypatch, tmp_path, WITHOUT_PIP)
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    assert uv.environment()["UV_DEFAULT_INDEX"] == "https://index.example/simple"


@pytest.mark.parametrize("option", ["PIP_INDEX_URL", "PIP_FIND_LINKS"])
def test_packages_come_from_the_configured_index_of_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    wheel = tmp_path / "simple" / "example" / "example-1.0-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("example.py", "")
        information = "example-1.0.dist-info"
        archive.writestr(f"{information}/METADATA", "Name: example\nVersion: 1.0\n")
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{information}/RECORD", "")
    wheel.with_name("index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    lock_file = tmp_path / "lock.txt"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock_file.write_text(f"example==1.0 --hash=sha256:{digest}\n")

    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", str(option == "PIP_FIND_LINKS"))
    value = wheel.parent if option == "PIP_FIND_LINKS" else (tmp_path / "simple").as_uri()
    monkeypatch.setenv(option, str(value))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))

    environment = Environment(tmp_path / "venvs" / "example", (lock_file,))
    prepare_environment(environment, lock_file)
    subprocess.run([environment.python, "-c", "import example"], check=True)
