"""With lock files that pin nothing, so that no package has to be fetched."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra import environments
from infra.environments import APP, PURPOSES, ROOT, Environment, prepare_environment
from infra.errors import ChildDied, InfraError

PREPARE = """
import sys
from pathlib import Path
from infra.environments import Environment, prepare_environment
lock_file = Path(sys.argv[2])
prepare_environment(Environment(Path(sys.argv[1]), (lock_file,)), lock_file)
"""

# What Debian's Python does as long as python3-venv is not installed.
WITHOUT_ENSUREPIP = f"""#!/bin/sh
case "$*" in
  *--without-pip*) ;;
  "-m venv"*) echo "ensurepip is not available" >&2; exit 1 ;;
esac
exec {sys.executable} "$@"
"""


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    lock_files = tmp_path / "small.txt", tmp_path / "large.txt"
    for lock_file in lock_files:
        lock_file.write_text("# nothing yet\n")
    return Environment(tmp_path / "venvs" / "example", lock_files)


@pytest.fixture
def no_ensurepip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian's bare Python. Environments are made twenty times as fast with it."""
    debian = tmp_path / "python3"
    debian.write_text(WITHOUT_ENSUREPIP)
    debian.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(debian))


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


@pytest.mark.usefixtures("no_ensurepip")
def test_a_changed_lock_file_is_installed_into_the_same_environment(
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


@pytest.mark.usefixtures("no_ensurepip")
def test_environment_that_lost_a_package_is_made_again(
    environment: Environment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small, _ = environment.lock_files

    def install(there: Environment, lock_file: Path) -> None:
        (there.directory / "lib/python3.11/site-packages/django").mkdir(parents=True)

    monkeypatch.setattr(environments, "_install", install)
    prepare_environment(environment, small)
    package = environment.directory / "lib/python3.11/site-packages/django"
    package.rename(package.with_name("deleted"))
    capsys.readouterr()
    prepare_environment(environment, small)
    assert "Creating" in capsys.readouterr().err
    assert package.exists()
    prepare_environment(environment, small)
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("no_ensurepip")
def test_what_has_the_larger_lock_file_does_for_the_smaller_but_not_the_reverse(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    small, large = environment.lock_files
    prepare_environment(environment, small)
    capsys.readouterr()
    prepare_environment(environment, large)
    assert "Installing" in capsys.readouterr().err
    prepare_environment(environment, small)
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("no_ensurepip")
def test_a_failed_installation_shows_why_and_is_tried_again_from_scratch(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    small, _ = environment.lock_files
    small.write_text("no-such-file @ file:///nowhere/no_such_file-1-py3-none-any.whl\n")
    with pytest.raises(ChildDied, match=r"pip, installing .*small.txt, failed(?s:.)+ERROR"):
        prepare_environment(environment, small)
    (environment.directory / "half-made").touch()
    small.write_text("# corrected\n")
    prepare_environment(environment, small)
    assert not (environment.directory / "half-made").exists()
    assert python_runs(environment)


@pytest.mark.usefixtures("no_ensurepip")
def test_packages_without_a_hash_are_refused(environment: Environment, tmp_path: Path) -> None:
    small, _ = environment.lock_files
    package = tmp_path / "package"
    package.mkdir()
    small.write_text(f"package @ {package.as_uri()}\n")
    with pytest.raises(ChildDied, match="hash"):
        prepare_environment(environment, small)


@pytest.mark.usefixtures("no_ensurepip")
def test_an_environment_that_no_longer_works_is_made_anew(environment: Environment) -> None:
    small, _ = environment.lock_files
    prepare_environment(environment, small)
    environment.python.unlink()
    environment.python.symlink_to("/nowhere/python3")
    prepare_environment(environment, small)
    assert python_runs(environment)


@pytest.mark.usefixtures("no_ensurepip")
def test_a_directory_that_was_moved_is_prepared_again(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    small, _ = environment.lock_files
    prepare_environment(environment, small)
    moved = Environment(environment.directory.with_name("moved"), environment.lock_files)
    environment.directory.rename(moved.directory)
    capsys.readouterr()
    prepare_environment(moved, small)
    assert "Installing" in capsys.readouterr().err


def test_two_at_once_make_one_environment(environment: Environment) -> None:
    small, _ = environment.lock_files
    command = [sys.executable, "-c", PREPARE, str(environment.directory), str(small)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    outputs = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert sum(output.count("Creating") for output in outputs) == 2  # its start and its end
    assert sum(output.count("Waiting for another installation") for output in outputs) == 2


@pytest.mark.usefixtures("no_ensurepip")
def test_a_python_without_ensurepip_is_enough(environment: Environment) -> None:
    prepare_environment(environment, environment.lock_files[0])
    assert python_runs(environment)
    with_pip = subprocess.run(
        [environment.python, "-c", "import pip"], capture_output=True, check=False
    )
    assert with_pip.returncode == 1


def test_a_python_that_can_make_no_environment_is_said_so(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python3"
    broken.write_text("#!/bin/sh\necho 'No module named venv' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(InfraError, match=r"python3-venv(?s:.)+No module named venv"):
        prepare_environment(environment, environment.lock_files[0])


def test_each_lock_file_pins_what_the_one_before_it_pins() -> None:
    def pins(lock_file: Path) -> set[str]:
        return set(re.findall(r"^([a-z0-9.-]+==[^ ;\\]+)", lock_file.read_text(), re.MULTILINE))

    run, test, bench = (pins(lock_file) for lock_file in APP.lock_files)
    assert len(run) > 20
    assert run < test < bench


def test_this_test_runs_in_the_environment_that_make_test_prepares() -> None:
    assert Path(sys.prefix).samefile(APP.directory)
    assert PURPOSES["test"] == (APP.lock_files[1], environments.MINISTACK)
    assert environments.MINISTACK.python.exists()
