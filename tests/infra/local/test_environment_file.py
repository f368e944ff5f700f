from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from infra.errors import InfraError
from infra.local import environment_file

VALUES = {
    "PLAIN": "value",
    "EMPTY": "",
    "SHELL": 'a b $HOME `date` "quoted" #hash ${X} & ; é',
    "SECRET": "+/=",
}


def test_written_values_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "env"
    environment_file.write(path, VALUES)
    assert environment_file.read(path) == VALUES


def test_shell_reads_the_same_values(tmp_path: Path) -> None:
    path = tmp_path / "env"
    environment_file.write(path, VALUES)
    for name, value in VALUES.items():
        script = f'set -a; . {path}; set +a; printf %s "${name}"'
        assert subprocess.check_output(["sh", "-c", script], text=True) == value


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.touch(mode=0o644)
    (tmp_path / "env.new").touch(mode=0o644)
    environment_file.write(path, VALUES)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["env"]


@pytest.mark.parametrize("value", ["it's", "back\\slash", "two\nlines", "carriage\rreturn"])
def test_ambiguous_value_is_refused_and_not_shown(tmp_path: Path, value: str) -> None:
    with pytest.raises(InfraError, match="NAME") as refused:
        environment_file.write(tmp_path / "env", {"NAME": value})
    assert value not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_error_of_a_missing_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(InfraError, match="make run"):
        environment_file.read(tmp_path / "env")
