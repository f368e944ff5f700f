"""A user who is signed in at the local hosted UI."""

from __future__ import annotations

from dataclasses import dataclass, field

SECONDS = 60 * 60


@dataclass(frozen=True)
class Session:
    """Whoever signed in, and what MiniStack wants to see before it mints another app's tokens.

    A real service would not keep a password. This one has no other way to tokens with that app's
    nonce in them; it is kept in the memory of a process on the developer's machine, for an hour.
    """

    username: str
    password: str = field(repr=False)
