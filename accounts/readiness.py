"""Check what the application needs to work: the database and the verification keys."""

from __future__ import annotations

import time
from contextlib import suppress

from accounts import process
from accounts.models import identity_model
from cognito.errors import KeysUnavailable


def database_milliseconds() -> float:
    """Return how long a short query takes.

    Raises django.db.Error if the database does not answer.
    """
    began = time.perf_counter()
    # Query a table, because SQLite answers `SELECT 1` without its file.
    identity_model().objects.exists()
    return 1000 * (time.perf_counter() - began)


def keys_are_known(*, may_fetch: bool = True) -> bool:
    """Return whether this process has keys.

    It fetches them if necessary. A process that waited for its first token would never be ready.
    """
    keys = process.current.verification.keys
    if may_fetch:
        with suppress(KeysUnavailable):
            keys.load()
    return keys.has_keys
