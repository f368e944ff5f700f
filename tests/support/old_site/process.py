"""Start the old site as a process, and ask its endpoint as the function of the user pool does."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.environments import ROOT
from infra.local.ports import free_port

KEY_ID, KEY = "2026-11", "a-key-of-the-tests-that-both-sites-share"
SETTING: Mapping[str, Any] = {
    "KEYS": {KEY_ID: KEY},
    "UNTIL": "2999-12-31",
    "EMAIL_VERIFIED": True,
    "ATTRIBUTES": {"name": "get_full_name", "given_name": "first_name"},
    "REFUSAL_SECONDS": 0,
}


def signature(body: bytes, *, key_id: str = KEY_ID, key: str = KEY, at: float | None = None) -> str:
    """Return a header for the body, with a new nonce."""
    moment = int(time.time() if at is None else at)
    signed = f"v1 {key_id} {moment} {secrets.token_hex(16)}"
    mac = hmac.new(key.encode(), f"{signed}\n".encode() + body, hashlib.sha256)
    return f"{signed} {mac.hexdigest()}"


@dataclass(frozen=True)
class OldSite:
    """A running old site."""

    port: int
    log: Path
    database: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.address}/migration/"

    def send(
        self,
        body: bytes,
        header: str | None,
        *,
        method: str = "POST",
        content_type: str = "application/json",
    ) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": content_type}
        if header is not None:
            headers["X-Gatehouse-Signature"] = header
        connection.request(method, "/migration/", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content)

    def asks(
        self, username: str, password: str, *, action: str = "authenticate", **signed: Any
    ) -> tuple[int, dict[str, Any]]:
        """Ask with a valid signature, unless `signed` changes it."""
        question = {"action": action, "username": username, "password": password}
        body = json.dumps(question).encode()
        return self.send(body, signature(body, **signed))

    def knows(self, username: str, password: str) -> bool:
        status, answer = self.asks(username, password)
        assert status == 200, answer
        return bool(answer["known"])

    def written(self) -> str:
        return self.log.read_text("utf-8")

    def hashes(self) -> int:
        """Return how many hashes were computed since the start."""
        return self.written().count("HASHED")

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.database, timeout=20) as database:
            statement = f"SELECT * FROM gatehouse_migration_{table}"
            return database.execute(statement).fetchall()

    def forget_attempts(self) -> None:
        self.empty("attempts")

    def empty(self, table: str) -> None:
        self._write(f"DELETE FROM gatehouse_migration_{table}")

    def ends_on(self, day: str) -> None:
        """Let an operator's last day be in the past."""
        self._write("UPDATE gatehouse_migration_switch SET until = ?", day)

    def allow(self, user: str, permission: str) -> None:
        self._write(
            "INSERT INTO auth_user_user_permissions (user_id, permission_id) SELECT u.id, p.id"
            " FROM auth_user u, auth_permission p WHERE u.username = ? AND p.codename = ?",
            user,
            permission,
        )

    def _write(self, statement: str, *values: str) -> None:
        with sqlite3.connect(self.database, timeout=20) as database:
            database.execute(statement, values)


def environment(
    directory: Path, users: Sequence[Mapping[str, Any]], setting: Mapping[str, Any]
) -> dict[str, str]:
    file = directory / "users.json"
    # A file, because a variable cannot hold the users of a benchmark.
    file.write_text(json.dumps([dict(user) for user in users]))
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "PYTHONPATH": str(ROOT),
        "OLD_SITE_DATABASE": str(directory / "old.sqlite3"),
        "OLD_SITE_MIGRATION": json.dumps(dict(setting)),
        "OLD_SITE_USERS": str(file),
    }


def command(directory: Path, *arguments: str, setting: Mapping[str, Any] = SETTING) -> str:
    """Run a management command of the old site, and return what it prints."""
    return subprocess.run(
        [sys.executable, "-m", "tests.support.old_site", *arguments],
        cwd=ROOT,
        env=environment(directory, [], setting),
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout


@contextmanager
def running(
    directory: Path,
    users: Sequence[Mapping[str, Any]] = (),
    *,
    port: int | None = None,
    database: str | None = None,
    **changes: Any,
) -> Iterator[OldSite]:
    """Run the old site during the block, with `changes` to its setting.

    Args:
        database: the URL of a PostgreSQL, instead of an SQLite file in the directory.
    """
    directory.mkdir(parents=True, exist_ok=True)
    site = OldSite(port or free_port(), directory / "old.log", directory / "old.sqlite3")
    with site.log.open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.old_site", str(site.port)],
            cwd=ROOT,
            env=environment(directory, users, {**SETTING, **changes})
            | ({"OLD_SITE_DATABASE": database} if database else {}),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    try:
        lines = iter(process.stdout.readline, "")
        assert any(line == "READY\n" for line in lines), site.written()
        yield site
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
