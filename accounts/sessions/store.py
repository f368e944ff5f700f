"""Django's database sessions, for valid session keys only."""

from __future__ import annotations

import re

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import InternalError, OperationalError

# The form of the keys that Django creates.
_KEY = re.compile(r"[0-9a-z]{32}")


def is_session_key(text: str) -> bool:
    """Return whether Django could have created this key. There need not be such a session."""
    return _KEY.fullmatch(text) is not None


class SessionStore(db.SessionStore):
    """Ignores a cookie that is not a session key.

    Django would look it up in the database. PostgreSQL refuses some text, such as NUL, so that any
    visitor could cause a 500.
    """

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and is_session_key(key)

    def save(self, must_create: bool = False) -> None:
        """Save the session. A failing database raises OperationalError or InternalError (503).

        Django reads every failure as a session that was deleted in the meantime, and answers 400.
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            # PostgreSQL raises InternalError while it is read-only.
            if isinstance(error.__context__, OperationalError | InternalError):
                raise error.__context__ from None
            raise
