from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import dj_database_url
import pytest

from infra.errors import InfraError
from infra.local.home import Home


def test_second_program_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with (
        home.occupied("`make run` on port 8000"),
        pytest.raises(InfraError, match=r"`make run` on port 8000, process \d+"),
        home.occupied("another"),
    ):
        pass
    with home.occupied("the next"):
        pass


def test_other_users_cannot_read_the_directory(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.occupied("a test"):
        assert stat.S_IMODE(home.directory.stat().st_mode) == 0o700


def test_directory_in_use_is_not_deleted(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.occupied("`make run`"):
        with pytest.raises(InfraError, match="in use"):
            home.delete()
        assert home.directory.exists()
    home.delete()
    assert not home.directory.exists()


def test_temporary_files_of_a_killed_run_are_deleted(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    scratch = home.empty_scratch()
    try:
        (scratch / "left-behind").touch()
        assert home.empty_scratch() == scratch
        assert list(scratch.iterdir()) == []
        assert stat.S_IMODE(scratch.stat().st_mode) == 0o700
        assert Home(tmp_path / "other").empty_scratch() != scratch
    finally:
        scratch.rmdir()
        Home(tmp_path / "other").empty_scratch().rmdir()


def test_name_of_the_directory_is_quoted_in_the_database_url(tmp_path: Path) -> None:
    directory = tmp_path / "with space, 100% and é"
    assert dj_database_url.parse(Home(directory).database_url)["NAME"] == str(
        directory / "db.sqlite3"
    )


UNPRIVILEGED = 65534


@contextmanager
def another_user() -> Iterator[None]:
    """Become a user without rights during the block, because root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(UNPRIVILEGED)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", ["db.sqlite3", "aws", "."])
def test_file_of_another_user_is_named_before_anything_starts(name: str) -> None:
    # Other users cannot enter the parents of tmp_path.
    with TemporaryDirectory() as temporary:
        parent = Path(temporary)
        parent.chmod(0o755)
        home = Home(parent / "home")
        home.directory.mkdir()
        home.directory.chmod(0o755 if name == "." else 0o777)
        path = home.directory / name
        if name == "aws":
            path.mkdir()
        elif name != ".":
            path.touch()
        path.chmod(0o555)
        with another_user(), pytest.raises(PermissionError) as refused, home.occupied("a test"):
            pass
        assert refused.value.filename == str(path)
        path.chmod(0o755)
