"""Users of an old Django site, exported there and imported into the local Cognito."""

from __future__ import annotations

import csv
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import (
    MD5PasswordHasher,
    PBKDF2PasswordHasher,
    PBKDF2SHA1PasswordHasher,
    ScryptPasswordHasher,
)

from infra.environments import ROOT
from infra.local.ministack import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, MiniStack
from infra.local.pool import provision_pool
from tests.local_cognito.aws.operations.conftest import TestPool
from tests.support.old_site import process as old
from tests.support.old_site.process import KEY, KEY_ID, running

pytestmark = pytest.mark.ministack

PASSWORD = "Imported-password-1"
HASHES = {
    "pbkdf2": PBKDF2PasswordHasher().encode(PASSWORD, "seasalt", 1000),
    "scrypt": ScryptPasswordHasher().encode(PASSWORD, "seasalt", n=1024),
    # Made by bcrypt 5.0.0 and cryptography 50.0.2, in the forms that Django stores.
    "bcrypt": "bcrypt$$2b$04$XrA2bWlMfEnZEPMeHFA/0O5lmE9K3qr/BZ4827dkyhLp.qOPoMjLC",
    "argon2": (
        "argon2$argon2id$v=19$m=64,t=1,p=1"
        "$YSBzYWx0IG9mIGJ5dGVzIQ$xVGdI09pUx87TEX+GheOt8j8uTUVaikSlbx8OB9UTeU"
    ),
    "bcrypt_sha256": ("bcrypt_sha256$$2b$04$dPAjrRn4BeWzX/3v74cOKuXXUgZT6SC0sAbXwRu89bG9G3UiAegGS"),
    "md5": MD5PasswordHasher().encode(PASSWORD, "salt"),
    "sha1": PBKDF2SHA1PasswordHasher().encode(PASSWORD, "salt", 1000),
}
ALGORITHMS = {
    "pbkdf2": "PBKDF2_SHA256",
    "scrypt": "SCRYPT",
    "bcrypt": "BCRYPT",
    "argon2": "ARGON2ID",
}
USERS: list[dict[str, Any]] = [
    {"email": "Pbkdf2@Example.com", "password": HASHES["pbkdf2"], "groups": ["Editors", "Staff"]},
    *(
        {"email": f"{name}@example.com", "password": HASHES[name], "first_name": "é,'" * 20}
        for name in ("scrypt", "bcrypt", "argon2", "bcrypt_sha256", "md5", "sha1")
    ),
    {"email": "twice@example.com", "password": HASHES["pbkdf2"]},
    {"email": "TWICE@example.com", "password": HASHES["pbkdf2"]},
    {"email": "", "password": HASHES["pbkdf2"]},
    {"email": "no address", "password": HASHES["pbkdf2"]},
    {"email": "inactive@example.com", "password": HASHES["pbkdf2"], "is_active": False},
    {"email": "unusable@example.com"},
    {"email": "slow@example.com", "password": "pbkdf2_sha256$999999999$salt$aGFzaA=="},
    {"email": "taken@example.com", "password": HASHES["pbkdf2"]},
]


@dataclass(frozen=True)
class Target:
    """A pool, and the command that imports into it."""

    pool: TestPool
    groups: tuple[str, ...] = ("editors",)

    def environment(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "COGNITO_USER_POOL_ID": self.pool.user_pool_id,
            "COGNITO_REGION": REGION,
            "AWS_ENDPOINT_URL": self.pool.aws.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        }

    def command(self, file: Path, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "infra", "users", "import", str(file), *arguments]

    def runs(self, file: Path, *arguments: str) -> str:
        done = subprocess.run(
            self.command(file, *arguments),
            cwd=ROOT,
            env=self.environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def fails(self, file: Path, *arguments: str) -> str:
        done = subprocess.run(
            self.command(file, *arguments),
            cwd=ROOT,
            env=self.environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 2, done.stdout
        return done.stderr


@pytest.fixture
def target(empty_ministack: MiniStack, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setenv("MIGRATION_URL", "http://127.0.0.1:9/migration/")
    monkeypatch.setenv("MIGRATION_KEY_ID", KEY_ID)
    monkeypatch.setenv("MIGRATION_KEY", KEY)
    pool = provision_pool(empty_ministack, public_url="http://localhost:8000")
    cognito: Any = empty_ministack.cognito()
    client = cognito.create_user_pool_client(
        UserPoolId=pool.user_pool_id,
        ClientName="test",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        PreventUserExistenceErrors="ENABLED",
    )["UserPoolClient"]["ClientId"]
    return Target(TestPool(empty_ministack, cognito, pool.user_pool_id, client))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the export of the old site."""
    directory = tmp_path_factory.mktemp("old")
    setting = {**old.SETTING, "GROUPS": {"Editors": "editors"}}
    with running(directory, USERS, GROUPS={"Editors": "editors"}):
        pass
    file = directory / "users.jsonl"
    told = old.command(directory, "export_users", str(file), setting=setting)
    (directory / "told.txt").write_text(told)
    return file


def rows(file: Path, name: str) -> list[dict[str, str]]:
    with (file.with_name(f"{file.name}.report") / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_export_names_the_way_of_each_user(exported: Path) -> None:
    records = {
        record["id"]: record for record in map(json.loads, exported.read_text("utf-8").splitlines())
    }
    assert [records[f"{number}"]["way"] for number in range(1, 16)] == [
        *("import", "import", "import", "import"),
        *("forgotten password", "sign-in", "forgotten password"),
        *("none", "none", "none", "none", "none", "none", "forgotten password", "import"),
    ]
    assert records["1"]["groups"] == ["editors"]
    assert all("hash" not in one for one in records.values() if one["way"] != "import")
    assert stat.S_IMODE(exported.stat().st_mode) == 0o600
    told = (exported.parent / "told.txt").read_text()
    assert "Cognito imports no hashes of the algorithm bcrypt_sha256" in told
    assert "another user has the same e-mail address, or one that differs by case" in told
    assert "the pbkdf2_sha256 hash would take too long to check" in told
    assert not exported.with_name("users.jsonl.partial").exists()


def test_users_sign_in_with_their_old_password_after_the_import(
    target: Target, exported: Path, tmp_path: Path
) -> None:
    pool = target.pool
    pool.cognito.create_group(UserPoolId=pool.user_pool_id, GroupName="editors")
    pool.cognito.admin_create_user(
        UserPoolId=pool.user_pool_id,
        Username="taken@example.com",
        UserAttributes=[
            {"Name": "email", "Value": "taken@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
        MessageAction="SUPPRESS",
    )
    file = tmp_path / "users.jsonl"
    file.write_bytes(exported.read_bytes())
    told = target.runs(file, "--only", "scrypt@example.com")
    assert told.count("users\n") >= 1
    assert pool.signs_in("scrypt@example.com", PASSWORD)["AccessToken"]

    told = target.runs(file, "--groups")

    for name in ALGORITHMS:
        with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
            pool.signs_in(f"{name}@example.com", "another password")
        assert pool.signs_in(f"{name}@example.com", PASSWORD)["AccessToken"]
    assert pool.attributes("scrypt@example.com")["name"] == "é,'" * 20
    known = {row["pk"]: row for row in rows(file, "reconciliation.csv")}
    assert set(known) == {"1", "2", "3", "4"}
    for former, name in zip("1234", ALGORITHMS, strict=True):
        attributes = pool.attributes(f"{name}@example.com")
        assert attributes["custom:former_id"] == former
        assert known[former]["sub"] == attributes["sub"]
    left = {row["pk"]: row for row in rows(file, "left.csv")}
    assert len(left) == len(USERS) - 4
    assert left["15"]["state"] == "skipped"
    assert left["15"]["reason"] == "the pool has another user with this e-mail address"
    assert left["6"]["way"] == "sign-in"
    groups = pool.cognito.admin_list_groups_for_user(
        UserPoolId=pool.user_pool_id, Username="pbkdf2@example.com"
    )["Groups"]
    assert [group["GroupName"] for group in groups] == ["editors"]
    for line in ("PBKDF2_SHA256", "SCRYPT", "BCRYPT", "ARGON2ID", "none"):
        assert line in told
    assert not any(encoded in told for encoded in HASHES.values())

    before = len(
        pool.cognito.list_user_import_jobs(UserPoolId=pool.user_pool_id, MaxResults=60)[
            "UserImportJobs"
        ]
    )
    target.runs(file)
    assert rows(file, "reconciliation.csv") == list(known.values())
    jobs = pool.cognito.list_user_import_jobs(UserPoolId=pool.user_pool_id, MaxResults=60)
    assert len(jobs["UserImportJobs"]) == before, "a repetition starts no job"


def lines(users: Sequence[Mapping[str, Any]]) -> str:
    return "".join(f"{json.dumps(user)}\n" for user in users)


def person(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"{number}",
        "way": "import",
        "algorithm": "PBKDF2_SHA256",
        "hash": HASHES["pbkdf2"],
        "attributes": {"email": f"user{number}@example.com", "email_verified": "true"},
        **changes,
    }


def test_failed_users_are_named_with_the_reason_of_the_log(target: Target, tmp_path: Path) -> None:
    file = tmp_path / "users.jsonl"
    users = [person(number) for number in range(12)]
    users[3]["attributes"]["email_verified"] = "false"
    users[9]["hash"] = "pbkdf2_sha256$99999999$salt$aGFzaA=="
    file.write_text(lines(users))
    target.runs(file)
    left = {row["pk"]: row["reason"] for row in rows(file, "left.csv")}
    assert left == {
        "3": "The User Record does not set any of the auto verified attributes to true. "
        "(Example: email_verified to true).",
        "9": "The password hash is not supported.",
    }
    assert len(rows(file, "reconciliation.csv")) == 10


def test_algorithm_that_cognito_does_not_take_is_left_to_the_sign_in(
    target: Target, tmp_path: Path
) -> None:
    file = tmp_path / "users.jsonl"
    bad = "pbkdf2_sha256$99999999$salt$aGFzaA=="
    file.write_text(lines([person(number, hash=bad) for number in range(8)]))
    told = target.runs(file)
    assert told.count("gatehouse pbkdf2_sha256 standard") >= 1
    assert told.count("gatehouse pbkdf2_sha256 django") >= 1
    reasons = {row["reason"] for row in rows(file, "left.csv")}
    assert reasons == {"Cognito imported no PBKDF2_SHA256 hash, of 5 that were tried"}


def test_killed_import_is_continued(target: Target, tmp_path: Path) -> None:
    file = tmp_path / "users.jsonl"
    number = 1500
    file.write_text(lines([person(one) for one in range(number)]))
    process = subprocess.Popen(
        target.command(file), cwd=ROOT, env=target.environment(), stdout=subprocess.DEVNULL
    )
    cognito, pool_id = target.pool.cognito, target.pool.user_pool_id
    for _ in range(600):
        found = cognito.list_users(UserPoolId=pool_id, Limit=60)["Users"]
        if len(found) > 10:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    told = target.runs(file)
    known = rows(file, "reconciliation.csv")
    assert len(known) == number, told
    assert len({row["sub"] for row in known}) == number
    assert rows(file, "left.csv") == []
    users = [
        user
        for page in cognito.get_paginator("list_users").paginate(UserPoolId=pool_id)
        for user in page["Users"]
    ]
    assert len(users) == number, "no user is there twice"
    assert target.pool.signs_in("user1499@example.com", PASSWORD)["AccessToken"]


def test_two_imports_at_the_same_time_bring_each_user_once(target: Target, tmp_path: Path) -> None:
    number = 300
    files = [tmp_path / f"{name}.jsonl" for name in ("one", "two")]
    for file in files:
        file.write_text(lines([person(one) for one in range(number)]))
    with ThreadPoolExecutor(2) as together:
        list(together.map(target.runs, files))
    first, second = (rows(file, "reconciliation.csv") for file in files)
    assert first == second
    assert len({row["sub"] for row in first}) == number


def test_unconfirmed_sign_up_can_be_deleted_and_a_confirmed_one_stays(
    target: Target, tmp_path: Path
) -> None:
    """A sign-up with a former user's address gets nothing of the former row."""
    pool, file = target.pool, tmp_path / "users.jsonl"
    password = "A-visitors-password-1"
    for number in (1, 2, 3, 9):
        pool.cognito.sign_up(
            ClientId=pool.client_id, Username=f"user{number}@example.com", Password=password
        )
    pool.cognito.admin_confirm_sign_up(UserPoolId=pool.user_pool_id, Username="user2@example.com")
    way = {"way": "sign-in", "reason": "md5", "algorithm": "", "hash": ""}
    file.write_text(lines([person(1), person(2), person(3, **way), person(4)]))
    told = target.runs(file)
    left = {row["pk"]: row["reason"] for row in rows(file, "left.csv")}
    assert left["2"] == "the pool has another user with this e-mail address"
    assert "unconfirmed sign-up" in left["1"]
    assert "unconfirmed sign-up" in left["3"], "who comes along at sign-in is kept out as well"
    assert [row["pk"] for row in rows(file, "reconciliation.csv")] == ["4"]

    told = target.runs(file, "--delete-unconfirmed")
    assert "unconfirmed sign-ups deleted: 2" in told
    assert [row["pk"] for row in rows(file, "reconciliation.csv")] == ["1", "4"]
    left = {row["pk"]: row["reason"] for row in rows(file, "left.csv")}
    assert left == {"2": "the pool has another user with this e-mail address", "3": "md5"}
    assert pool.signs_in("user1@example.com", PASSWORD)["AccessToken"]
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.signs_in("user1@example.com", password)
    assert pool.signs_in("user2@example.com", password)["AccessToken"]
    assert "custom:former_id" not in pool.attributes("user2@example.com")
    assert pool.attributes("user9@example.com"), "no user of the export has this address"


def test_attribute_that_users_can_write_is_refused(target: Target, tmp_path: Path) -> None:
    file = tmp_path / "users.jsonl"
    file.write_text(lines([person(1)]))
    target.pool.cognito.create_user_pool_client(
        UserPoolId=target.pool.user_pool_id,
        ClientName="open",
        WriteAttributes=["email", "custom:former_id"],
    )
    told = target.fails(file)
    assert "Users of the app client open can write the attribute custom:former_id" in told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no users"),
        ("{\n", "line 1 is no user of an export"),
        ('{"id": 1, "way": "none"}\n', "line 1 is no user of an export"),
        (lines([person(1), person(1)]), "the id 1 is there twice"),
        (lines([person(1), person(2, attributes=person(1)["attributes"])]), "line 1 has the same"),
        (lines([person(1, hash="")]), "has no e-mail address or no hash"),
        (lines([person(1, algorithm="MD5")]), "expected one of the algorithms"),
        (
            lines([person(1, attributes={"email": "a@example.com", "custom:x": "y"})]),
            "has no attribute custom:x",
        ),
    ],
)
def test_malformed_export_is_refused(
    target: Target, tmp_path: Path, content: str, message: str
) -> None:
    file = tmp_path / "users.jsonl"
    file.write_text(content)
    told = target.fails(file)
    assert message in told
    assert HASHES["pbkdf2"] not in told


def test_pool_without_the_attribute_is_refused(target: Target, tmp_path: Path) -> None:
    file = tmp_path / "users.jsonl"
    file.write_text(lines([person(1)]))
    told = target.fails(file, "--id-attribute", "other")
    assert "has no attribute custom:other" in told
