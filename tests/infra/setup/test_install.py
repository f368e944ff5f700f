"""Environments from lock files without packages, so that nothing is downloaded."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from infra import environments
from infra.environments import APP, PURPOSES, ROOT, Environment
from infra.errors import ChildDied
from infra.setup import install
from infra.setup.install import prepare_environment

PYTHON = "python{}.{}".format(*sys.version_info)
PREPARE = """
import sys
from pathlib import Path
from infra.environments import Environment
from infra.setup.install import prepare_environment
lock_file = Path(sys.argv[2])
prepare_environment(Environment(Path(sys.argv[1]), (lock_file,)), lock_file)
"""


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    lock_files = tmp_path / "small.txt", tmp_path / "large.txt"
    for lock_file in lock_files:
        lock_file.write_text("# nothing yet\n")
    return Environment(tmp_path / "venvs" / "example", lock_files)


def python_runs(environment: Environment) -> bool:
    return subprocess.run([environment.python, "-c", "pass"], check=False).returncode == 0


def test_second_preparation_runs_nothing(
    environment: Environment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small, _ = environment.lock_files
    prepare_environment(environment, small)
    assert python_runs(environment)
    first = capsys.readouterr().err
    assert "Creating" in first
    assert "Installing 0 packages" in first

    monkeypatch.delattr(subprocess, "run")
    monkeypatch.delattr(subprocess, "Popen")
    prepare_environment(environment, small)
    assert capsys.readouterr().err == ""


def test_changed_lock_file_is_installed_into_the_same_environment(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    small, _ = environment.lock_files
    prepare_environment(environment, small)
    (environment.directory / "kept").touch()
    small.write_text("# something else\n")
    capsys.readouterr()
    prepare_environment(environment, small)
    assert "Installing" in capsys.readouterr().err
    assert (environment.directory / "kept").exists()


def test_environment_that_lost_a_package_is_created_again(
    environment: Environment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small, _ = environment.lock_files

    package = environment.directory / f"lib/{PYTHON}/site-packages/django"

    def make_package(there: Environment, lock_file: Path) -> None:
        package.mkdir(parents=True)

    monkeypatch.setattr(install, "install_lock_file", make_package)
    prepare_environment(environment, small)
    package.rename(package.with_name("deleted"))
    capsys.readouterr()
    prepare_environment(environment, small)
    assert "Creating" in capsys.readouterr().err
    assert package.exists()
    prepare_environment(environment, small)
    assert capsys.readouterr().err == ""


def test_larger_lock_file_serves_the_smaller_purpose_too(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    small, large = environment.lock_files
    prepare_environment(environment, small)
    capsys.readouterr()
    prepare_environment(environment, large)
    assert "Installing" in capsys.readouterr().err
    prepare_environment(environment, small)
    assert capsys.readouterr().err == ""


def test_changed_smaller_lock_file_does_not_remove_the_packages_of_the_larger_one(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = environment.lock_files
    prepare_environment(environment, large)
    installed: list[Path] = []
    monkeypatch.setattr(install, "install_lock_file", lambda _, file: installed.append(file))
    small.write_text("# something else\n")
    prepare_environment(environment, small)
    prepare_environment(environment, large)
    assert installed == [large]


def test_failed_installation_shows_the_reason_and_is_repeated_from_scratch(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    small, _ = environment.lock_files
    small.write_text("no-such-file @ file:///nowhere/no_such_file-1-py3-none-any.whl\n")
    with pytest.raises(ChildDied, match=r"^uv failed(?s:.)+no_such_file"):
        prepare_environment(environment, small)
    (environment.directory / "half-made").touch()
    small.write_text("# corrected\n")
    prepare_environment(environment, small)
    assert not (environment.directory / "half-made").exists()
    assert python_runs(environment)


def test_packages_without_a_hash_are_refused(environment: Environment, tmp_path: Path) -> None:
    small, _ = environment.lock_files
    package = tmp_path / "package"
    package.mkdir()
    small.write_text(f"package @ {package.as_uri()}\n")
    with pytest.raises(ChildDied, match="hash"):
        prepare_environment(environment, small)


def test_environment_that_no_longer_works_is_created_again(environment: Environment) -> None:
    small, _ = environment.lock_files
    prepare_environment(environment, small)
    environment.python.unlink()
    environment.python.symlink_to("/nowhere/python3")
    prepare_environment(environment, small)
    assert python_runs(environment)


def test_moved_environment_is_prepared_again(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    small, _ = environment.lock_files
    prepare_environment(environment, small)
    moved = Environment(environment.directory.with_name("moved"), environment.lock_files)
    environment.directory.rename(moved.directory)
    capsys.readouterr()
    prepare_environment(moved, small)
    assert "Installing" in capsys.readouterr().err


def test_two_processes_at_once_create_one_environment(environment: Environment) -> None:
    small, _ = environment.lock_files
    command = [sys.executable, "-c", PREPARE, str(environment.directory), str(small)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    outputs = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert sum(output.count("Creating") for output in outputs) == 2  # its start and its end
    assert sum(output.count("Waiting for another installation") for output in outputs) == 2


def test_each_lock_file_pins_what_the_one_before_it_pins() -> None:
    def pins(lock_file: Path) -> set[str]:
        # A package can have extras, such as `[cli]`, which other packages do not need.
        found = re.findall(
            r"^([a-z0-9.-]+)(?:\[.+?\])?(==[^ ;\\]+)", lock_file.read_text(), re.MULTILINE
        )
        return {name + version for name, version in found}

    pinned = [pins(lock_file) for lock_file in APP.lock_files]
    assert len(pinned[0]) > 20
    for fewer, more in pairwise(pinned):
        assert fewer < more


def test_tests_run_in_the_environment_of_make_test() -> None:
    assert Path(sys.prefix).samefile(APP.directory)
    assert list(PURPOSES["test"]) == [APP, environments.MINISTACK]
    assert PURPOSES["test"][APP] == APP.lock_files[1]
    assert environments.MINISTACK.python.exists()
