"""Exports of other services, read as users of an export of ours: docs/migrate-users.md.

None of them carries groups or roles over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.errors import InfraError
from infra.user_import import people
from infra.user_import.people import IMPORT, Person

SIGN_IN, RESET, NONE = "sign-in", "forgotten password", "none"
_BCRYPT = re.compile(r"\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}")
_PHONE = re.compile(r"\+[1-9][0-9]{1,14}")


def auth0(file: Path) -> list[Person]:
    """Read the export of password hashes, which Auth0's support makes: a JSON object a line.

    https://auth0.com/docs/troubleshoot/customer-support/manage-subscriptions/export-data
    """
    return _checked(file, _auth0_user, _json_lines(file))


def firebase(file: Path) -> list[Person]:
    """Read the file of `firebase auth:export users.json`.

    https://firebase.google.com/docs/cli/auth#file_format
    """
    return _checked(file, _firebase_user, _json_list(file, "users"))


def cognito(file: Path) -> list[Person]:
    """Read the answer of `aws cognito-idp list-users` at another user pool."""
    return _checked(file, _cognito_user, _json_list(file, "Users"))


SOURCES: Mapping[str, Callable[[Path], list[Person]]] = {
    "auth0": auth0,
    "cognito": cognito,
    "django": people.read,
    "firebase": firebase,
}


def _auth0_user(user: Mapping[str, Any]) -> Person:
    identifier = user.get("user_id") or f"auth0|{user['_id']['$oid']}"
    known = {
        "name": user.get("name"),
        "given_name": user.get("given_name"),
        "family_name": user.get("family_name"),
        "nickname": user.get("nickname"),
    }
    encoded = user.get("passwordHash") or ""
    obstacle = "" if _BCRYPT.fullmatch(encoded) else "Auth0 exported no bcrypt hash"
    return _person(
        identifier,
        email=user.get("email"),
        verified=user.get("email_verified") is True,
        disabled=user.get("blocked") is True,
        attributes=known,
        algorithm="BCRYPT",
        encoded=encoded,
        obstacle=obstacle,
    )


def _firebase_user(user: Mapping[str, Any]) -> Person:
    phone = user.get("phoneNumber") or ""
    obstacle = "Cognito imports no hashes of Firebase's own scrypt"
    if not user.get("passwordHash"):
        obstacle = "the user has no password"
    return _person(
        user["localId"],
        email=user.get("email"),
        verified=user.get("emailVerified") is True,
        disabled=user.get("disabled") is True,
        attributes={
            "name": user.get("displayName"),
            "picture": user.get("photoUrl"),
            "phone_number": phone if _PHONE.fullmatch(phone) else None,
        },
        obstacle=obstacle,
        by_sign_in=bool(user.get("passwordHash")),
    )


def _cognito_user(user: Mapping[str, Any]) -> Person:
    known = {one["Name"]: one.get("Value") for one in user["Attributes"]}
    return _person(
        known["sub"],
        email=known.get("email"),
        verified=known.get("email_verified") == "true",
        disabled=user.get("Enabled") is False,
        attributes={
            name: value
            for name, value in known.items()
            if name not in {"sub", "email", "email_verified", "identities"}
        },
        obstacle="Cognito exports no password hashes",
        by_sign_in=user.get("UserStatus") == "CONFIRMED",
    )


def _person(
    identifier: Any,
    *,
    email: Any,
    verified: bool,
    disabled: bool,
    attributes: Mapping[str, Any],
    algorithm: str = "",
    encoded: str = "",
    obstacle: str = "",
    by_sign_in: bool = False,
) -> Person:
    if not isinstance(email, str) or "@" not in email:
        return Person(str(identifier), NONE, "the user has no e-mail address")
    known = {name: value for name, value in attributes.items() if isinstance(value, str) and value}
    known |= {"email": email, "email_verified": "true" if verified else "false"}
    if disabled:
        return Person(str(identifier), NONE, "the user is disabled", known)
    if not obstacle and not verified:
        obstacle, by_sign_in = "Cognito imports verified e-mail addresses only", True
    if not obstacle:
        return Person(str(identifier), IMPORT, attributes=known, algorithm=algorithm, hash=encoded)
    way = SIGN_IN if by_sign_in else RESET if verified else NONE
    return Person(str(identifier), way, obstacle, known)


def _checked(
    file: Path, person_of: Callable[[Mapping[str, Any]], Person], users: Iterator[Any]
) -> list[Person]:
    """Return the users. Of several users with the same address, none is imported."""
    try:
        persons = [person_of(user) for user in users]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # A line may contain a hash, so nothing of the file is shown.
        raise InfraError(f"{file} has another form than expected: docs/migrate-users.md.") from None
    return people.without_duplicates(persons)


def _json_list(file: Path, member: str) -> Iterator[Any]:
    yield from json.loads(file.read_text("utf-8"))[member]


def _json_lines(file: Path) -> Iterator[Any]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
