"""What each sign-in of a user has proven, for its tokens and for the list of sessions."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from local_cognito.aws.ministack_pools import Record, own

# Above this number, the sign-in that was used least recently is forgotten. Its tokens stay valid
# until they expire. The limit of a pool that tracks sessions is at most 100 for each user.
MAXIMUM = 125

_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class SignIn:
    """What a user has proven, and what the app asked for.

    Attributes:
        auth_time: when, in seconds since 1970.
        methods: values of `amr`, without `mfa`: see `levels`.
        shows_level: whether the app asked for a level or an age, so that tokens have `acr` and
            `amr`.
        resource: the `aud` of access tokens; empty without one.
        hosted_session_id: the session at the hosted UI that it came from; empty for the API.
    """

    auth_time: int
    methods: tuple[str, ...] = ()
    shows_level: bool = False
    resource: str = ""
    hosted_session_id: str = ""

    def stored(self) -> Record:
        return asdict(self) | {"methods": list(self.methods)}

    @classmethod
    def restored(cls, stored: Record) -> SignIn:
        names = cls.__dataclass_fields__
        known = {name: value for name, value in stored.items() if name in names}
        return cls(**(known | {"methods": tuple(stored["methods"])}))


def session_id(prefix: str) -> str:
    """Return a new identifier: `tkn` or `sso`, and 25 characters."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(25))


def remember(
    user: Record, origin_jti: str, sign_in: SignIn, *, client_id: str, now: float
) -> Record:
    """Store a new sign-in. Return what is stored, a dictionary that its owner may extend."""
    stored = sign_in.stored() | {
        "session_id": session_id("tkn"),
        "client_id": client_id,
        "created": now,
        "used": now,
    }
    known = _all(user)
    while len(known) >= MAXIMUM:
        del known[min(known, key=lambda origin: known[origin]["used"])]
    known[origin_jti] = stored
    return stored


def find(user: Record, origin_jti: str) -> Record | None:
    found: Record | None = _all(user).get(origin_jti)
    return found


def forget(user: Record, origin_jti: str) -> None:
    _all(user).pop(origin_jti, None)


def all_of(user: Record) -> Iterator[tuple[str, Record]]:
    """Return pairs of `origin_jti` and what is stored."""
    yield from list(_all(user).items())


def _all(user: Record) -> dict[str, Any]:
    known: dict[str, Any] = own(user).setdefault("sign_ins", {})
    return known
