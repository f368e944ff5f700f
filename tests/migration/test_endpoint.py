"""The endpoint of the old site, asked over the network. The site is a process of its own."""

from __future__ import annotations

import json
import secrets
import socket
import sqlite3
import time
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, ScryptPasswordHasher

from tests.support.old_site.process import KEY, KEY_ID, OldSite, command, running, signature

PASSWORD = "an old password"
COMPOSED = unicodedata.normalize("NFC", "pässwörd-é")
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
LONG = "x" * 200
USERS: list[dict[str, Any]] = [
    {"email": "ann@example.com", "raw": PASSWORD, "first_name": "Ann", "last_name": "Old"},
    {"email": "Upper.Case@Example.COM", "raw": PASSWORD, "first_name": "Una"},
    {"email": "twice@example.com", "raw": PASSWORD},
    {"email": "Twice@example.com", "raw": "another password"},
    {"email": "half@example.com", "raw": PASSWORD},
    {"email": "HALF@example.com", "raw": PASSWORD, "is_active": False},
    {"email": "", "raw": PASSWORD, "username": "nomail"},
    {"email": "unusable@example.com"},
    {"email": "inactive@example.com", "raw": PASSWORD, "is_active": False},
    {
        "email": "long.name@example.com",
        "raw": PASSWORD,
        "first_name": "é" * 100,
        "last_name": "Ñ" * 100,
    },
    {"email": "composed@example.com", "raw": COMPOSED},
    {"email": "decomposed@example.com", "raw": DECOMPOSED},
    {"email": "long@example.com", "raw": LONG},
    {"email": "staff@example.com", "raw": PASSWORD, "is_staff": True, "is_superuser": True},
    {"email": "slow@example.com", "password": "pbkdf2_sha256$999999999$salt$aGFzaA=="},
    {"email": "bad@example.com", "password": "pbkdf2_sha256$many$salt$aGFzaA=="},
    {"email": "other@example.com", "password": "argon2$argon2id$v=19$m=8,t=1,p=1$YQ$YQ"},
    {"email": "empty@example.com", "password": "!"},
    {"email": "md5@example.com", "password": MD5PasswordHasher().encode(PASSWORD, "salt")},
    {"email": "scrypt@example.com", "password": ScryptPasswordHasher().encode(PASSWORD, "salt")},
    {"email": "m\u0131ke@example.com", "raw": PASSWORD},
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OldSite]:
    limits: dict[str, Any] = {"ACCOUNT_LIMIT": [1000, 3600], "SOURCE_LIMIT": [100_000, 3600]}
    with running(tmp_path_factory.mktemp("old"), USERS, **limits) as running_site:
        yield running_site


def test_right_password_tells_who_the_user_is(site: OldSite) -> None:
    assert site.asks("ann@example.com", PASSWORD) == (
        200,
        {
            "known": True,
            "id": "1",
            "attributes": {
                "email": "ann@example.com",
                "email_verified": "true",
                "name": "Ann Old",
                "given_name": "Ann",
            },
        },
    )
    answer = site.asks("Ann@EXAMPLE.com ", PASSWORD)[1]
    assert answer["attributes"]["email"] == "ann@example.com"


def test_all_other_users_get_the_same_answer(site: OldSite) -> None:
    asked = [
        ("ann@example.com", "wrong"),
        ("ann@example.com", ""),
        ("unknown@example.com", PASSWORD),
        ("", PASSWORD),
        ("nomail", PASSWORD),
        ("unusable@example.com", PASSWORD),
        ("unusable@example.com", ""),
        ("empty@example.com", ""),
        ("inactive@example.com", PASSWORD),
        ("slow@example.com", PASSWORD),
        ("bad@example.com", PASSWORD),
        ("other@example.com", PASSWORD),
        ("%@example.com", PASSWORD),
        ("ann@example.com\x00", PASSWORD),
        ("a" * 5000 + "@example.com", PASSWORD),
        ("mike@example.com", PASSWORD),
    ]
    answers = [site.asks(*one) for one in asked]
    assert answers == [(200, {"known": False})] * len(asked)


@pytest.mark.parametrize(
    "username",
    [
        *("ann@example.com", "unknown@example.com", "unusable@example.com", "nomail"),
        *("inactive@example.com", "slow@example.com", "bad@example.com", "twice@example.com"),
    ],
)
def test_refusal_is_one_hash_of_the_same_cost(site: OldSite, username: str) -> None:
    before = len(site.written())
    assert not site.knows(username, "wrong")
    assert site.written()[before:].count("HASHED 1000") == 1
    assert site.written()[before:].count("HASHED") == 1


def test_wrong_password_of_a_cheap_hash_costs_as_much(site: OldSite) -> None:
    before = site.hashes()
    assert not site.knows("md5@example.com", "wrong")
    assert site.hashes() == before + 1
    assert site.knows("md5@example.com", PASSWORD)
    assert site.knows("scrypt@example.com", PASSWORD)


def test_address_in_another_case_is_the_same_user(site: OldSite) -> None:
    answer = site.asks("upper.case@example.com", PASSWORD)[1]
    assert answer["attributes"]["email"] == "Upper.Case@Example.COM"


def test_two_active_users_with_one_address_are_ambiguous(site: OldSite) -> None:
    assert not site.knows("twice@example.com", PASSWORD)
    assert not site.knows("Twice@example.com", "another password")
    assert "These users have the same address, so none can come along: 3, 4." in site.written()
    assert site.asks("half@example.com", PASSWORD)[1]["id"] == "5", "the other one is inactive"


def test_ambiguous_address_is_decided_by_the_configuration(tmp_path: Path) -> None:
    chooser = "tests.support.old_site.choices.last"
    with running(tmp_path, USERS, CHOOSE=chooser) as site:
        assert not site.knows("twice@example.com", PASSWORD)
        assert site.asks("twice@example.com", "another password")[1]["id"] == "4"


@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
def test_accented_letter_matches_in_one_piece_and_in_two(site: OldSite, typed: str) -> None:
    assert site.knows("composed@example.com", typed)
    assert site.knows("decomposed@example.com", typed)


def test_long_password_and_long_names_come_along(site: OldSite) -> None:
    assert site.knows("long@example.com", LONG)
    assert not site.knows("long@example.com", LONG[:-1])
    answer = site.asks("long.name@example.com", PASSWORD)[1]
    assert answer["attributes"]["name"] == "é" * 100 + " " + "Ñ" * 100


def test_staff_flags_are_no_part_of_an_answer(site: OldSite) -> None:
    answer = site.asks("staff@example.com", PASSWORD)[1]
    assert set(answer["attributes"]) == {"email", "email_verified"}
    assert not {"staff", "superuser", "groups"} & set(json.dumps(answer).replace("_", " ").split())


def test_user_table_is_not_written(site: OldSite) -> None:
    """Old hashes are not upgraded, and no sign-in is recorded: the old site stays as it is."""
    content = site.database.read_bytes().count(b"md5$salt$")
    assert site.knows("md5@example.com", PASSWORD)
    assert site.database.read_bytes().count(b"md5$salt$") == content


def test_forgotten_password_needs_no_password(site: OldSite) -> None:
    def known(username: str) -> bool:
        status, answer = site.asks(username, "", action="forgot_password")
        assert status == 200
        return bool(answer["known"])

    assert known("ann@example.com")
    assert known("slow@example.com"), "the hash does not matter any more"
    assert not known("unknown@example.com")
    assert not known("twice@example.com")
    assert not known("inactive@example.com")
    assert not known("unusable@example.com")


def test_field_of_the_user_says_whether_the_address_is_verified(tmp_path: Path) -> None:
    mapping = {"name": "get_full_name", "custom:former": "username", "locale": "groups.count"}
    users: list[dict[str, Any]] = [
        {"email": "yes@example.com", "raw": PASSWORD, "is_staff": True, "username": "yes"},
        {"email": "no@example.com", "raw": PASSWORD, "first_name": "N\no", "username": "no"},
    ]
    with running(tmp_path, users, EMAIL_VERIFIED="is_staff", ATTRIBUTES=mapping) as site:
        yes, no = (
            site.asks(f"{name}@example.com", PASSWORD)[1]["attributes"] for name in ("yes", "no")
        )
        assert (yes["email_verified"], no["email_verified"]) == ("true", "false")
        assert (yes["custom:former"], no["name"], no["locale"]) == ("yes", "N o", "0")
        # Cognito sends a code to verified addresses only.
        assert site.asks("yes@example.com", "", action="forgot_password")[1]["known"] is True
        assert site.asks("no@example.com", "", action="forgot_password")[1] == {"known": False}


def test_nothing_that_users_type_is_in_the_log(site: OldSite) -> None:
    typed = f"typed-{secrets.token_hex(8)}"
    site.asks("ann@example.com", typed)
    site.asks(f"{typed}@example.com", typed)
    site.asks(typed, typed, key="k" * 40)
    site.asks("ann@example.com", typed * 300)
    assert typed not in site.written()
    assert KEY not in site.written()


# --- Signatures ---


def test_request_without_a_valid_signature_learns_nothing_and_costs_nothing(
    site: OldSite,
) -> None:
    body = json.dumps(
        {"action": "authenticate", "username": "ann@example.com", "password": PASSWORD}
    ).encode()
    valid = signature(body)
    parts = valid.split()
    hashes, nonces, attempts = site.hashes(), site.rows("nonce"), site.rows("attempts")
    headers = [
        None,
        "",
        "v1",
        "x" * 5000,
        signature(body, key_id="unknown"),
        signature(body, key="another key that has the right length."),
        signature(body + b" "),
        valid[:-1],
        valid.upper(),
        valid.replace("v1", "v2"),
        " ".join([*parts[:2], str(int(parts[2]) + 1), *parts[3:]]),
        " ".join([*parts[:3], "0" * 32, parts[4]]),
        # Other digits, letters and spaces that look alike. Servers read headers as Latin-1.
        *(
            " ".join(changed).encode().decode("latin-1")
            for changed in (
                [*parts[:2], "".join(chr(0x660 + int(digit)) for digit in parts[2]), *parts[3:]],
                [*parts[:3], parts[3].translate({ord("a"): "\u0430"}) + "\u0430", parts[4]],
                [*parts[:4], "\xe9" * 64],
            )
        ),
        valid.replace(" ", "\xa0"),
        valid.replace(" ", "\t"),
        f"{valid} {valid}",
    ]
    answers = [site.send(body, header) for header in headers]
    answers += [site.send(b"", valid), site.send(body, valid, method="PUT")]
    assert answers == [(401, {"error": "refused"})] * len(answers)
    assert site.hashes() == hashes
    assert (site.rows("nonce"), site.rows("attempts")) == (nonces, attempts)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""],
)
def test_content_type_does_not_matter(site: OldSite, content_type: str) -> None:
    body = json.dumps({"action": "authenticate", "username": "ann@example.com", "password": "x"})
    for key, expected in ((KEY, (200, {"known": False})), ("k" * 40, (401, {"error": "refused"}))):
        header = signature(body.encode(), key=key)
        assert site.send(body.encode(), header, content_type=content_type) == expected


def test_flood_without_a_key_slows_nothing_down(site: OldSite) -> None:
    body = b"x" * 16_000
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: site.send(body, signature(body, key="k" * 40)), range(400))
        )
    assert {status for status, _ in answers} == {401}
    # 400 hashes of a usual cost would take minutes.
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("length", ["16385", "99999999999", "00000000099999999", "-1", "1e9"])
def test_body_beyond_the_bound_is_not_read(site: OldSite, length: str) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
        head = f"POST /migration/ HTTP/1.0\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        connection.sendall(head.encode())
        assert b" 401 " in connection.recv(100)
    body = b"x" * 16_385
    assert site.send(body, signature(body))[0] == 401


def test_copy_of_a_request_is_refused(site: OldSite) -> None:
    question = {"action": "authenticate", "username": "ann@example.com", "password": PASSWORD}
    body = json.dumps(question).encode()
    header = signature(body)
    assert site.send(body, header)[1]["known"] is True
    hashes = site.hashes()
    assert site.send(body, header) == (401, {"error": "the request was sent before"})
    with ThreadPoolExecutor(8) as pool:
        another = signature(body)
        answers = list(pool.map(lambda _: site.send(body, another)[0], range(8)))
    assert sorted(answers) == [200] + [401] * 7
    assert site.hashes() == hashes + 1
    assert "A request was sent twice" in site.written()


@pytest.mark.parametrize("seconds", [-3600, -65, 65, 3600])
def test_clock_that_differs_is_named(site: OldSite, seconds: int) -> None:
    status, answer = site.asks("ann@example.com", PASSWORD, at=time.time() + seconds)
    assert (status, answer["error"][:18]) == (401, "the clocks differ ")
    assert "The clock of the user pool's function differs by" in site.written()


@pytest.mark.parametrize("seconds", [-50, 50])
def test_clock_that_differs_a_little_is_accepted(site: OldSite, seconds: int) -> None:
    assert site.asks("ann@example.com", PASSWORD, at=time.time() + seconds)[1]["known"] is True


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 16_000,
        b'{"action": "other", "username": "a", "password": ""}',
        b'{"action": "authenticate", "username": 1, "password": ""}',
        b'{"action": "authenticate", "username": "a", "password": null}',
        b'{"action": "authenticate", "username": "a", "password": "\\ud800"}',
        b'{"action": "authenticate", "username": "a", "password": "' + b"x" * 5000 + b'"}',
        b"\xff\xfe",
    ],
    ids=range(10),
)
def test_signed_nonsense_is_refused(site: OldSite, body: bytes) -> None:
    before = site.hashes()
    assert site.send(body, signature(body)) == (400, {"error": "the body is invalid"})
    assert site.hashes() == before


def test_two_keys_are_valid_while_one_replaces_the_other(tmp_path: Path) -> None:
    new = "the new key, which is as long as the old"
    with running(tmp_path, USERS, KEYS={KEY_ID: KEY, "2027-01": new}) as site:
        assert site.asks("ann@example.com", PASSWORD)[0] == 200
        assert site.asks("ann@example.com", PASSWORD, key_id="2027-01", key=new)[0] == 200
        assert site.asks("ann@example.com", PASSWORD, key_id="2027-01")[0] == 401


def test_endpoint_ends_at_its_date(tmp_path: Path) -> None:
    with running(tmp_path, USERS, UNTIL="2026-01-31") as site:
        assert site.asks("ann@example.com", PASSWORD) == (410, {"error": "switched off"})
        assert site.asks("ann@example.com", PASSWORD, key="k" * 40)[0] == 401
        assert site.hashes() == len([user for user in USERS if "raw" in user])


# --- Limits ---


def test_thousand_wrong_passwords_are_limited_for_each_account(tmp_path: Path) -> None:
    limits: dict[str, Any] = {"ACCOUNT_LIMIT": [10, 3600], "SOURCE_LIMIT": [100_000, 3600]}
    with running(tmp_path, USERS, **limits) as site:
        before = site.hashes()
        for username in ("ann@example.com", "unknown@example.com"):
            answers = [site.asks(username, f"wrong {number}") for number in range(500)]
            assert answers[:10] == [(200, {"known": False})] * 10
            reason = {"error": "too many wrong attempts for one address"}
            assert answers[10:] == [(429, reason)] * 490
        assert site.hashes() == before + 20
        assert site.asks("ann@example.com", PASSWORD)[0] == 429
        assert site.asks("ANN@example.com", PASSWORD)[0] == 429
        assert site.asks("ann@example.com", "", action="forgot_password")[1]["known"] is True
        assert site.knows("upper.case@example.com", PASSWORD)
        assert len(site.rows("attempts")) <= 4


def test_wrong_passwords_of_many_accounts_are_limited_together(tmp_path: Path) -> None:
    with running(tmp_path, USERS, SOURCE_LIMIT=[100, 3600]) as site:
        with ThreadPoolExecutor(8) as pool:
            usernames = [f"user{number}@example.com" for number in range(300)]
            answers = list(pool.map(lambda one: site.asks(one, "wrong")[0], usernames))
        assert (answers.count(200), answers.count(429)) == (100, 200)
        assert site.asks("ann@example.com", PASSWORD)[0] == 429


def test_right_passwords_are_not_limited(tmp_path: Path) -> None:
    limits: dict[str, Any] = {"ACCOUNT_LIMIT": [3, 3600], "SOURCE_LIMIT": [5, 3600]}
    with running(tmp_path, USERS, **limits) as site:
        assert all(site.knows("ann@example.com", PASSWORD) for _ in range(20))
        assert not site.knows("ann@example.com", "wrong")
        assert not site.knows("ann@example.com", "wrong")
        assert site.knows("ann@example.com", PASSWORD), "and counting starts again"
        assert not site.knows("ann@example.com", "wrong")
        assert site.knows("ann@example.com", PASSWORD)


def test_limit_ends_after_its_time_and_its_rows_are_deleted(tmp_path: Path) -> None:
    with running(tmp_path, USERS, ACCOUNT_LIMIT=[2, 2]) as site:
        assert [site.asks("ann@example.com", "wrong")[0] for _ in range(3)] == [200, 200, 429]
        time.sleep(3)
        assert site.knows("ann@example.com", PASSWORD)
        ended = int(time.time()) - 1
        with sqlite3.connect(site.database, timeout=20) as database:
            for table, more in (("nonce", ""), ("attempts", ", 1")):
                rows = [(f"{number}", ended) for number in range(500)]
                names = "value, ends" if table == "nonce" else "counter, ends, count"
                into = f"gatehouse_migration_{table} ({names})"
                database.executemany(f"INSERT INTO {into} VALUES (?, ?{more})", rows)
        for _ in range(400):
            assert site.knows("ann@example.com", PASSWORD)
            if len(site.rows("nonce")) < 400:
                break
        assert len(site.rows("nonce")) < 400
        assert len(site.rows("attempts")) < 10


def test_refusals_take_equally_long(tmp_path: Path) -> None:
    with running(tmp_path, USERS, REFUSAL_SECONDS=0.4) as site:
        for username in ("ann@example.com", "unknown@example.com", "md5@example.com"):
            began = time.monotonic()
            assert not site.knows(username, "wrong")
            assert time.monotonic() - began >= 0.4


# --- Faults ---


def test_missing_tables_are_an_outage_and_not_a_wrong_password(tmp_path: Path) -> None:
    with running(tmp_path, USERS) as site:
        with sqlite3.connect(site.database) as database:
            database.execute("DROP TABLE gatehouse_migration_nonce")
        assert site.asks("ann@example.com", PASSWORD) == (503, {"error": "unavailable"})
        assert "No question can be answered: OperationalError." in site.written()


def test_fault_of_a_mapping_shows_its_place_and_no_password(tmp_path: Path) -> None:
    with running(tmp_path, USERS, ATTRIBUTES={"name": "no_such_field"}) as site:
        assert site.asks("ann@example.com", PASSWORD) == (503, {"error": "unavailable"})
        assert "AttributeError in " in site.written()
        assert PASSWORD not in site.written()


def test_migrations_are_complete(tmp_path: Path) -> None:
    assert "No changes" in command(tmp_path, "makemigrations", "--check", "--dry-run")
