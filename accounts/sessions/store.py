"""Django's sessions in the database, for keys that could be one."""

from __future__ import annotations

import re

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import InternalError, OperationalError

# As Django makes them.
_KEY = re.compile(r"[0-9a-z]{32}")


class SessionStore(db.SessionStore):
    """Takes anything else in a cookie for no session.

    Django asks the database for it, and PostgreSQL refuses some text (NUL, quoted in a cookie):
    anyone could cause a 500.
    """

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and _KEY.fullmatch(key) is not None

    def save(self, must_create: bool = False) -> None:
        """Saves. Raises OperationalError or InternalError where the database failed: 503, not 400.

        Django takes every failure for a session that was deleted meanwhile: 400.
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            # A PostgreSQL that takes no writes just now says so with an InternalError.
            if isinstance(error.__context__, OperationalError | InternalError):
                raise error.__context__ from None
            raise
