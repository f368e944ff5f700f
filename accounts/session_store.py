"""Django's sessions in the database, for keys that could be one."""

from __future__ import annotations

import re

from django.contrib.sessions.backends import db

# As Django makes them.
_KEY = re.compile(r"[0-9a-z]{32}")


class SessionStore(db.SessionStore):
    """Takes anything else in a cookie for no session.

    Django asks the database for it, and PostgreSQL refuses some text (NUL, quoted in a cookie):
    anyone could cause a 500.
    """

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and _KEY.fullmatch(key) is not None
