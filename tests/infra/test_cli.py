from __future__ import annotations

import ast
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra import cli, environments
from infra.environments import ROOT
from infra.errors import problem_of_system
from infra.setup import install

BARE = {"PATH": os.environ["PATH"]}

# Runs `python -m infra` as an older Python would.
AS_PYTHON_39 = """
import runpy, sys
sys.version_info = (3, 9, 2, "final", 0)
sys.argv = ["infra", "--help"]
runpy.run_module("infra", run_name="__main__")
"""


def infra(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra", *arguments],
        cwd=ROOT,
        env=BARE | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("local",),
        ("local", "run"),
        ("local", "setup"),
        ("local", "manage"),
        ("local", "env"),
        ("local", "reset"),
        ("token",),
        ("users",),
        ("users", "create"),
    ],
)
def test_every_command_has_help(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*command, "--help"])
    assert ended.value.code == 0
    assert "usage: python -m infra" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8000.0", "٨٠٠٠"])
def test_invalid_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["local", "run", f"--port={port}"])
    assert ended.value.code == 2
    assert "is not a port" in capsys.readouterr().err


def test_error_before_the_first_run_says_what_to_do(tmp_path: Path) -> None:
    for command in (["token", "--user", "user@example.com"], ["local", "env"]):
        done = infra(*command, "--home", str(tmp_path))
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1
        assert "make run" in done.stderr


def test_manage_runs_before_the_first_run(tmp_path: Path) -> None:
    home = tmp_path / "home"
    manage = ("local", "manage", "--home", str(home), "--")
    for command in (["makemigrations", "--check"], ["migrate", "--verbosity=0"], ["check"]):
        done = infra(*manage, *command)
        assert done.returncode == 0, done.stderr
        assert "was never started" in done.stderr
        assert "WARNINGS" not in done.stderr
    assert [path.name for path in home.iterdir()] == ["db.sqlite3"]


def test_error_of_manage_names_the_right_interpreter() -> None:
    # Without its site-packages, the interpreter resembles another one on the machine.
    done = subprocess.run(
        [sys.executable, "-S", "manage.py", "makemigrations", "accounts"],
        cwd=ROOT,
        env=BARE,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "has no module django. Use .venvs/app/bin/python" in done.stderr
    assert done.stderr.rstrip().endswith('make manage ARGS="makemigrations accounts"')
    assert done.stderr.count("\n") == 1


def test_error_of_manage_without_variables_names_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "showmigrations"],
        cwd=ROOT,
        env=BARE,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "COGNITO_USER_POOL_ID: is required" in done.stderr
    assert 'make manage ARGS="showmigrations"' in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("parent", ["/sys", "/proc", os.devnull])
@pytest.mark.parametrize("command", [["local", "reset"], ["local", "manage"]])
def test_error_of_an_unwritable_directory_is_one_message(command: list[str], parent: str) -> None:
    """Root cannot write to these directories either."""
    end = ["--", "check"] if command[-1] == "manage" else []
    done = infra(*command, "--home", f"{parent}/gatehouse", *end)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: ")
    assert f"({parent}/gatehouse)" in last
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EACCES, "write access"),
        (errno.EPERM, "write access"),
        (errno.EROFS, "that can be written to"),
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "Free some space"),
        (errno.EMFILE, "ulimit -n"),
        (errno.EIO, "run the command again"),
    ],
)
def test_error_of_the_system_names_the_file_and_the_remedy(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    def fail(purpose: str) -> None:
        raise OSError(number, os.strerror(number), "/somewhere/file")

    monkeypatch.setattr(install, "prepare", fail)
    assert cli.main(["local", "setup"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"error: {os.strerror(number)} (/somewhere/file). ")
    assert remedy in shown
    assert shown.count("\n") == 1


def test_system_error_without_a_text_has_a_message() -> None:
    assert problem_of_system(TimeoutError()).startswith("TimeoutError. ")


@pytest.mark.parametrize("name", ["boto3", "dotenv", "yaml"])
def test_error_of_a_damaged_environment_is_one_message(name: str) -> None:
    """A package is missing, as when its files were deleted."""
    code = (
        f"import sys; sys.modules[{name!r}] = None\n"
        "from infra import cli; sys.exit(cli.main(['local', 'env']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=BARE,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: The environment in .venvs is damaged. Delete .venvs")
    assert name in done.stderr
    assert done.stderr.count("\n") == 1


def test_error_of_a_python_that_does_not_run_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = environments.Environment(tmp_path, ())
    damaged.python.parent.mkdir()
    damaged.python.write_bytes(b"\0 not a program")
    damaged.python.chmod(0o755)
    monkeypatch.setattr(environments, "APP", damaged)
    assert cli.main(["local", "env"]) == 2
    shown = capsys.readouterr().err
    assert "is damaged. Delete .venvs and run `make setup`" in shown


def test_error_without_a_terminal_names_the_password_variable(tmp_path: Path) -> None:
    pool = {
        "COGNITO_USER_POOL_ID": "eu-west-1_Example1",
        "COGNITO_REGION": "eu-west-1",
        "COGNITO_CLIENT_ID": "example",
    }
    done = infra("token", "--user", "me@example.com", "--home", str(tmp_path), **pool)
    assert done.returncode == 2
    assert "GATEHOUSE_PASSWORD" in done.stderr


def test_error_names_the_missing_client_variable(tmp_path: Path) -> None:
    pool = {"COGNITO_USER_POOL_ID": "eu-west-1_Example1", "COGNITO_REGION": "eu-west-1"}
    done = infra("token", "--user", "me@example.com", "--home", str(tmp_path), **pool)
    assert done.returncode == 2
    assert "COGNITO_CLIENT_ID is not" in done.stderr


def test_older_python_starts_a_newer_one_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "python3.12").symlink_to(sys.executable)
    done = subprocess.run(
        [sys.executable, "-c", AS_PYTHON_39],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "usage: python -m infra" in done.stdout


def test_error_of_an_older_python_names_the_needed_version(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AS_PYTHON_39],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "needs Python 3.11 or newer, but this is 3.9" in done.stderr
    assert "PYTHON=" in done.stderr


@pytest.mark.parametrize("module", ["__init__.py", "__main__.py"])
def test_entry_module_has_the_syntax_of_an_older_python(module: str) -> None:
    source = (ROOT / "infra" / module).read_text()
    ast.parse(source, feature_version=(3, 7))
