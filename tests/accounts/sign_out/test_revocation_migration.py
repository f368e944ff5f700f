"""The migration to one revocation for each user and sign-in."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from infra.environments import APP, ROOT
from infra.local.django import process_environment
from tests.support.environment import VARIABLES


def migrate(path: Path, *target: str) -> None:
    subprocess.run(
        [APP.python, "manage.py", "migrate", "--verbosity=0", *target],
        cwd=ROOT,
        env=process_environment(VARIABLES | {"DATABASE_URL": f"sqlite:///{path}"}),
        check=True,
        timeout=120,
    )


def test_repeated_revocations_are_merged_into_the_longest_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "old.sqlite3"
    migrate(path, "accounts", "0011")
    rows = [
        ("", "ada", "2026-01-01 00:00:00", "2026-02-03 00:00:00"),
        ("", "ada", "2026-01-02 00:00:00", "2026-01-03 00:00:00"),
        ("", "bob", "2026-01-01 00:00:00", "2026-01-02 00:00:00"),
        ("one", "", "2026-01-01 00:00:00", "2026-01-02 00:00:00"),
        ("one", "", "2026-01-01 00:00:00", "2026-01-02 00:00:00"),
        ("two", "", "2026-01-01 00:00:00", "2026-01-02 00:00:00"),
    ]
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "INSERT INTO accounts_revocation (issuer, origin_jti, sub, signed_in_until, expires_at)"
            " VALUES ('pool', ?, ?, ?, ?)",
            rows,
        )
    migrate(path)
    with closing(sqlite3.connect(path)) as database:
        kept = database.execute(
            "SELECT id, origin_jti, sub, signed_in_until, expires_at FROM accounts_revocation"
            " ORDER BY id"
        ).fetchall()
    assert kept == [
        (2, "", "ada", "2026-01-02 00:00:00", "2026-02-03 00:00:00"),
        (3, *rows[2]),
        (5, *rows[4]),
        (6, *rows[5]),
    ]
