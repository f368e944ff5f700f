"""Exports of other services, in small made-up files of their documented forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.errors import InfraError
from infra.user_import.arguments import SOURCES as NAMES
from infra.user_import.people import Person
from infra.user_import.sources import SOURCES

BCRYPT = "$2b$10$Z6hUTEEeoJXN5/AmSm/4.eZ75RYgFVriQM9LPhNEC7kbAbS/VAaJ2"


def test_arguments_name_all_sources() -> None:
    assert sorted(SOURCES) == list(NAMES)


def auth0_user(**changes: Any) -> dict[str, Any]:
    return {
        "_id": {"$oid": "60425dc43519d90068f82973"},
        "email_verified": True,
        "email": "Ann@Example.com",
        "passwordHash": BCRYPT,
        "password_set_date": {"$date": "2026-03-05T16:32:04.777Z"},
        "tenant": "dev-example",
        "connection": "Username-Password-Authentication",
        "_tmp_is_unique": True,
        **changes,
    }


def read(source: str, file: Path, content: str) -> list[Person]:
    file.write_text(content, encoding="utf-8")
    return SOURCES[source](file)


def test_auth0_users_are_imported_with_their_bcrypt_hashes(tmp_path: Path) -> None:
    users = [
        auth0_user(),
        auth0_user(_id={"$oid": "2"}, email="bob@example.com", email_verified=False),
        auth0_user(_id={"$oid": "3"}, email="cem@example.com", passwordHash="x"),
        auth0_user(_id={"$oid": "4"}, email="dan@example.com", blocked=True),
        auth0_user(_id={"$oid": "5"}, email="eve@example.com"),
        auth0_user(_id={"$oid": "6"}, email="EVE@example.com"),
        auth0_user(_id={"$oid": "7"}, email=None),
    ]
    content = "".join(f"{json.dumps(user)}\n" for user in users)
    ann, bob, cem, dan, eve, other, nameless = read("auth0", tmp_path / "users.json", content)
    assert (ann.id, ann.way) == ("auth0|60425dc43519d90068f82973", "import")
    assert (ann.email, ann.algorithm, ann.hash) == ("ann@example.com", "BCRYPT", BCRYPT)
    assert (bob.way, bob.reason) == ("sign-in", "Cognito imports verified e-mail addresses only")
    assert (cem.way, cem.reason) == ("forgotten password", "Auth0 exported no bcrypt hash")
    assert (dan.way, dan.reason) == ("none", "the user is disabled")
    assert {eve.way, other.way} == {"none"}
    assert nameless.reason == "the user has no e-mail address"
    assert not any(one.hash for one in (bob, cem, dan, eve, other, nameless))


def test_firebase_users_come_along_at_sign_in(tmp_path: Path) -> None:
    users = [
        {
            "localId": "abc",
            "email": "ann@example.com",
            "emailVerified": True,
            "passwordHash": "bGVnYWN5",
            "salt": "c2FsdA==",
            "displayName": "Ann Old",
            "phoneNumber": "+491701234567",
            "lastSignedInAt": "1700000000000",
            "providerUserInfo": [],
        },
        {
            "localId": "def",
            "email": "bob@example.com",
            "emailVerified": True,
            "providerUserInfo": [{"providerId": "google.com"}],
        },
        {"localId": "ghi", "phoneNumber": "+491701234568", "providerUserInfo": []},
    ]
    content = json.dumps({"users": users})
    ann, bob, cem = read("firebase", tmp_path / "users.json", content)
    assert (ann.id, ann.way) == ("abc", "sign-in")
    assert ann.attributes["name"] == "Ann Old"
    assert ann.attributes["phone_number"] == "+491701234567"
    assert (bob.way, bob.reason) == ("forgotten password", "the user has no password")
    assert cem.reason == "the user has no e-mail address"


def test_users_of_another_user_pool_come_along_at_sign_in(tmp_path: Path) -> None:
    def user(number: int, status: str, **more: Any) -> dict[str, Any]:
        attributes = {
            "sub": f"sub-{number}",
            "email": f"user{number}@example.com",
            "email_verified": "true",
            "name": "Ann",
        }
        return {
            "Username": f"sub-{number}",
            "Attributes": [{"Name": key, "Value": value} for key, value in attributes.items()],
            "Enabled": True,
            "UserStatus": status,
            **more,
        }

    users = [user(1, "CONFIRMED"), user(2, "RESET_REQUIRED"), user(3, "CONFIRMED", Enabled=False)]
    content = json.dumps({"Users": users})
    first, second, third = read("cognito", tmp_path / "users.json", content)
    assert (first.id, first.way, first.attributes["name"]) == ("sub-1", "sign-in", "Ann")
    assert first.reason == "Cognito exports no password hashes"
    assert second.way == "forgotten password"
    assert third.way == "none"


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"django"}))
@pytest.mark.parametrize("content", ["{", "[]", '{"users": [1], "Users": [1], "email": []}', "1"])
def test_file_of_another_form_is_refused(source: str, content: str, tmp_path: Path) -> None:
    with pytest.raises(InfraError, match="another form than expected"):
        read(source, tmp_path / "users.json", f"{content}\n")
