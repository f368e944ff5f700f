"""Cursors of lists that page as the user pool does: the pool's own, sealed.

A cursor that was not given here never reaches the pool, and one of another list or search is told
from one of this. What the pool calls a token is no secret, so it is signed and not encrypted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core import signing
from rest_framework import serializers

from cognito.errors import InvalidParameter

MESSAGE = "This cursor is invalid for this list, or has expired."


def seal_cursor(pool_token: str | None, *, of: str) -> str | None:
    """The cursor of the next page of the list that `of` describes; None at its end."""
    return None if pool_token is None else signing.dumps(pool_token, salt=_salt(of))


@contextmanager
def open_cursor(cursor: str | None, *, of: str) -> Iterator[str | None]:
    """Around the call that takes the pool's token: what the pool finds odd then is the cursor.

    Raises ValidationError.
    """
    if cursor is None:
        yield None
        return
    try:
        yield signing.loads(cursor, salt=_salt(of))
    except (signing.BadSignature, InvalidParameter) as error:
        raise serializers.ValidationError({"cursor": [MESSAGE]}) from error


def _salt(of: str) -> str:
    return f"api.operators.cursor {of}"
