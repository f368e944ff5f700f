"""Cursors of the user pool's lists: the pagination token of the pool, signed.

The signature binds a cursor to its list and search, so that no other cursor reaches the pool. The
pool's token is not a secret, so it is not encrypted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core import signing
from rest_framework import serializers

from cognito.errors import InvalidParameter

MESSAGE = "This cursor is invalid for this list, or has expired. Start again without a cursor."


def seal_cursor(pool_token: str | None, *, of: str) -> str | None:
    """Return the cursor for the next page of the list that `of` describes, or None at its end."""
    return None if pool_token is None else signing.dumps(pool_token, salt=_salt(of))


@contextmanager
def open_cursor(cursor: str | None, *, of: str) -> Iterator[str | None]:
    """Yield the pool's token for the call in the `with` block.

    If the pool refuses a parameter of that call, the cursor is the invalid one.

    Raises:
        ValidationError: the cursor is invalid for the list that `of` describes, or has expired.
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
