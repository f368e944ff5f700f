"""Users of Firebase sign in with their passwords, which its own scrypt has hashed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from migration.conf import NAME
from migration.passwords import Unreadable, require_checkable
from tests.support.old_site.process import SETTING, command, running

# The example of https://github.com/firebase/scrypt
SIGNER_KEY = (
    "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
)
SEPARATOR, SALT, PASSWORD = "Bw==", "42xEC+ixf3L2lw==", "user1password"
HASH = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
ENCODED = f"firebase_scrypt$14$8${SEPARATOR}${SALT}${HASH}"
HASHER = "migration.firebase.FirebaseScryptPasswordHasher"
HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", HASHER]
WITH_KEY = {**SETTING, "FIREBASE_SIGNER_KEY": SIGNER_KEY}


@pytest.fixture
def _firebase() -> Any:
    with override_settings(PASSWORD_HASHERS=HASHERS, **{NAME: WITH_KEY}):
        yield


@pytest.mark.usefixtures("_firebase")
def test_published_example_is_accepted() -> None:
    require_checkable(ENCODED)
    assert check_password(PASSWORD, ENCODED)
    assert not check_password("User1password", ENCODED)
    # Exports have either alphabet of base64.
    assert check_password(PASSWORD, ENCODED.replace("+", "-").replace("/", "_"))


@pytest.mark.usefixtures("_firebase")
@pytest.mark.parametrize(
    "encoded",
    [
        ENCODED.replace("$14$", "$15$"),
        ENCODED.replace("$8$", "$9$"),
        ENCODED.replace("$8$", "$0$"),
        ENCODED.replace("$14$", "$many$"),
        ENCODED.replace(HASH, "?"),
        ENCODED.rpartition("$")[0],
    ],
)
def test_hash_that_is_malformed_or_too_expensive_is_not_checked(encoded: str) -> None:
    with pytest.raises(Unreadable):
        require_checkable(encoded)


def test_missing_signer_key_is_named() -> None:
    with (
        override_settings(PASSWORD_HASHERS=HASHERS, **{NAME: SETTING}),
        pytest.raises(ImproperlyConfigured, match="FIREBASE_SIGNER_KEY"),
    ):
        check_password(PASSWORD, ENCODED)


@pytest.mark.slow
def test_exported_users_sign_in(tmp_path: Path) -> None:
    users = [
        {
            "localId": "a1",
            "email": "ann@example.com",
            "passwordHash": HASH,
            "salt": SALT,
            "displayName": "Ann Old",
        },
        {"localId": "b2", "email": "bob@example.com", "disabled": True, "passwordHash": HASH},
        # A user of Google or Apple.
        {"localId": "c3", "email": "cem@example.com", "displayName": "Cem"},
    ]
    export = tmp_path / "users.json"
    export.write_text(json.dumps({"users": users}))
    setting: dict[str, Any] = {
        "FIREBASE_SIGNER_KEY": SIGNER_KEY,
        "ATTRIBUTES": {"name": "get_full_name"},
    }
    with running(tmp_path / "old", **setting) as site:
        imports = ("import_firebase_users", str(export), "--salt-separator", SEPARATOR)
        told = command(tmp_path / "old", *imports)
        assert "3 users were added, 0 were known." in told
        assert "1 users of the file have no password." in told
        assert "0 users were added, 3 were known." in command(tmp_path / "old", *imports)
        answer = site.asks("ann@example.com", PASSWORD)[1]
        assert answer["known"]
        assert answer["attributes"]["name"] == "Ann Old"
        assert not site.knows("ann@example.com", "wrong")
        for other in ("bob@example.com", "cem@example.com"):
            assert not site.knows(other, PASSWORD)
