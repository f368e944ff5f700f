from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra import cli
from infra.environments import ROOT

BARE = {"PATH": os.environ["PATH"]}

# Runs `python -m infra` as if Python were older than it is.
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
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["local", "run", f"--port={port}"])
    assert ended.value.code == 2
    assert "is not a port" in capsys.readouterr().err


def test_before_the_first_run_commands_say_what_to_do(tmp_path: Path) -> None:
    for command in (["token", "--user", "user@example.com"], ["local", "env"]):
        done = infra(*command, "--home", str(tmp_path))
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1
        assert "make run" in done.stderr


def test_a_password_is_asked_for_only_where_someone_can_answer(tmp_path: Path) -> None:
    pool = {
        "COGNITO_USER_POOL_ID": "eu-west-1_Example1",
        "COGNITO_REGION": "eu-west-1",
        "COGNITO_CLIENT_ID": "example",
    }
    done = infra("token", "--user", "me@example.com", "--home", str(tmp_path), **pool)
    assert done.returncode == 2
    assert "GATEHOUSE_PASSWORD" in done.stderr


def test_a_pool_without_its_client_is_named(tmp_path: Path) -> None:
    pool = {"COGNITO_USER_POOL_ID": "eu-west-1_Example1", "COGNITO_REGION": "eu-west-1"}
    done = infra("token", "--user", "me@example.com", "--home", str(tmp_path), **pool)
    assert done.returncode == 2
    assert "COGNITO_CLIENT_ID is not" in done.stderr


def test_an_older_python_hands_over_to_a_newer_one_on_the_path(tmp_path: Path) -> None:
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


def test_an_older_python_alone_says_which_is_needed(tmp_path: Path) -> None:
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
    assert "needs Python 3.11 or newer; this is 3.9" in done.stderr
    assert "PYTHON=" in done.stderr


@pytest.mark.parametrize("module", ["__init__.py", "__main__.py"])
def test_what_an_older_python_reads_first_is_in_its_language(module: str) -> None:
    source = (ROOT / "infra" / module).read_text()
    ast.parse(source, feature_version=(3, 7))
