"""The setting `GATEHOUSE_MIGRATION` of the project, checked: docs/migrate-users.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

NAME = "GATEHOUSE_MIGRATION"
# 32 bytes as hexadecimal or base64 digits have at least this many characters.
MINIMUM_KEY_CHARACTERS = 32

_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
_ATTRIBUTE = re.compile(r"(?:custom:)?[a-z][a-zA-Z0-9_]{0,60}")
# The endpoint sets the first two. The last one is Cognito's.
_OWN_ATTRIBUTES = frozenset({"email", "email_verified", "sub"})
_DEFAULTS: Mapping[str, Any] = {
    "LOGIN_FIELD": None,
    "ATTRIBUTES": {"name": "get_full_name"},
    "GROUPS": {},
    "CHOOSE": None,
    "ACCOUNT_LIMIT": (10, 3600),
    "SOURCE_LIMIT": (300, 900),
    "REFUSAL_SECONDS": 0.5,
    "CONFIRM": None,
    "FIREBASE_SIGNER_KEY": "",
}
_REQUIRED = ("KEYS", "UNTIL", "EMAIL_VERIFIED")


@dataclass(frozen=True)
class Configuration:
    """The checked setting.

    Attributes:
        keys: the secret of each key id.
        until: when the endpoint stops to answer.
        email_verified: whether the site has verified every address, or the path of a field or
            method of the user that says so.
        login_field: the field that is compared with what the user types. None is the field of the
            e-mail address.
        attributes: an attribute of Cognito, and the path of a field or method of the user.
        groups: a group of Django, and the group of Cognito whose members the users become.
        choose: chooses one of several users with the same address, or returns None.
        account_limit: wrong attempts with one address, and the seconds in which they count.
        source_limit: the same for everything that one key has signed.
        refusal_seconds: how long each refusal takes at least, so that all take equally long.
        confirm: gets the request of an operator who uses the switch. It returns an answer that asks
            to sign in again, or None. None instead of a function asks for the password.
        firebase_signer_key: base64_signer_key of Firebase's console, for `migration.firebase`.
    """

    keys: Mapping[str, bytes]
    until: datetime
    email_verified: Any
    login_field: str | None
    attributes: Mapping[str, str]
    groups: Mapping[str, str]
    choose: Callable[[Any], Any] | None
    account_limit: tuple[int, int]
    source_limit: tuple[int, int]
    refusal_seconds: float
    confirm: Callable[[Any], Any] | None
    firebase_signer_key: str = field(repr=False)


def configuration() -> Configuration:
    """Read the setting. Raises ImproperlyConfigured, with a text for the developer."""
    given = getattr(settings, NAME, None)
    if not isinstance(given, dict):
        raise ImproperlyConfigured(f"{NAME} must be a dictionary: docs/migrate-users.md.")
    known = {*_REQUIRED, *_DEFAULTS}
    for name in given:
        if name not in known:
            raise ImproperlyConfigured(f"{NAME} has no member {name}: {', '.join(sorted(known))}.")
    for name in _REQUIRED:
        if name not in given:
            raise ImproperlyConfigured(f"{NAME} needs the member {name}: docs/migrate-users.md.")
    values = {**_DEFAULTS, **given}
    return Configuration(
        keys=_keys(values["KEYS"]),
        until=_until(values["UNTIL"]),
        email_verified=_email_verified(values["EMAIL_VERIFIED"]),
        login_field=values["LOGIN_FIELD"],
        attributes=_attributes(values["ATTRIBUTES"]),
        groups=_texts("GROUPS", values["GROUPS"]),
        choose=_function("CHOOSE", values["CHOOSE"]),
        account_limit=_limit("ACCOUNT_LIMIT", values["ACCOUNT_LIMIT"]),
        source_limit=_limit("SOURCE_LIMIT", values["SOURCE_LIMIT"]),
        refusal_seconds=_seconds(values["REFUSAL_SECONDS"]),
        confirm=_function("CONFIRM", values["CONFIRM"]),
        firebase_signer_key=_text("FIREBASE_SIGNER_KEY", values["FIREBASE_SIGNER_KEY"]),
    )


def _keys(given: Any) -> Mapping[str, bytes]:
    keys = _texts("KEYS", given)
    if not keys:
        raise _wrong("KEYS", "at least one key")
    for key_id, key in keys.items():
        if not _KEY_ID.fullmatch(key_id):
            raise _wrong("KEYS", "key ids of up to 40 letters, digits, dots, hyphens, underscores")
        if len(key) < MINIMUM_KEY_CHARACTERS:
            # The text does not show the key.
            raise _wrong("KEYS", f"keys of {MINIMUM_KEY_CHARACTERS} or more characters")
    return {key_id: key.encode() for key_id, key in keys.items()}


def _until(given: Any) -> datetime:
    """Return the end of a day in UTC, or a moment that has a time zone."""
    expected = 'a date such as "2027-06-30"'
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given)
        except ValueError:
            raise _wrong("UNTIL", expected) from None
    if isinstance(given, datetime):
        if given.tzinfo is None:
            raise _wrong("UNTIL", f"{expected}, or a datetime with a time zone")
        return given
    if isinstance(given, date):
        # Python 3.8 has no datetime.UTC.
        midnight = datetime.combine(given, time(), tzinfo=timezone.utc)  # noqa: UP017
        return midnight + timedelta(days=1)
    raise _wrong("UNTIL", expected)


def _email_verified(given: Any) -> Any:
    if isinstance(given, bool) or (isinstance(given, str) and given):
        return given
    raise _wrong("EMAIL_VERIFIED", "True, False, or the name of a field or method of the user")


def _attributes(given: Any) -> Mapping[str, str]:
    attributes = _texts("ATTRIBUTES", given)
    for name, path in attributes.items():
        if not _ATTRIBUTE.fullmatch(name) or name in _OWN_ATTRIBUTES:
            raise _wrong("ATTRIBUTES", f"attributes of Cognito other than {name}")
        if path.split(".")[-1] == "password":
            raise _wrong("ATTRIBUTES", "fields other than the password")
    return attributes


def _function(name: str, given: Any) -> Callable[[Any], Any] | None:
    if isinstance(given, str):
        try:
            given = import_string(given)
        except ImportError:
            raise _wrong(name, "a function, or the path of one") from None
    if given is not None and not callable(given):
        raise _wrong(name, "a function, or the path of one")
    return given  # type: ignore[no-any-return]


def _limit(name: str, given: Any) -> tuple[int, int]:
    if (
        isinstance(given, (tuple, list))
        and len(given) == 2  # noqa: PLR2004
        and all(type(number) is int and number > 0 for number in given)
    ):
        return given[0], given[1]
    raise _wrong(name, "a number of attempts and a number of seconds, such as (10, 3600)")


def _seconds(given: Any) -> float:
    # The function of Cognito waits for 3.4 seconds.
    if isinstance(given, (int, float)) and not isinstance(given, bool) and 0 <= given <= 2:  # noqa: PLR2004
        return float(given)
    raise _wrong("REFUSAL_SECONDS", "a number from 0 to 2")


def _texts(name: str, given: Any) -> Mapping[str, str]:
    if isinstance(given, dict) and all(
        isinstance(key, str) and isinstance(value, str) for key, value in given.items()
    ):
        return given
    raise _wrong(name, "a dictionary of texts")


def _text(name: str, given: Any) -> str:
    if isinstance(given, str):
        return given
    raise _wrong(name, "a text")


def _wrong(name: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f'{NAME}["{name}"]: expected {expected}.')
