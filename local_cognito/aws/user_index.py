"""Find a user of a pool by address or `sub` without reading the attributes of all users.

MiniStack reads all attributes for each look-up, so the time for many users grows with the square of
their number. The index says which users can have a name, and MiniStack decides among them.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from local_cognito.aws.ministack_pools import Record, attributes

# The attributes by which MiniStack finds users.
_NAMES = ("sub", "email", "phone_number", "preferred_username")
# A look-up takes less time than the creation of a user, so a second one succeeds nearly always.
_ATTEMPTS = 20
# Tests create many pools. The index of a pool is made again when it is needed again.
_MAXIMUM_POOLS = 16


class PoolIndex:
    """The names of the users of one pool, as of the last look-up."""

    def __init__(self, users: dict[str, Record]) -> None:
        self.users = users
        # MiniStack and we give a user a new list with each change, so the same list has the same
        # attributes.
        self._lists: dict[str, list[Any]] = {}
        self._names: dict[str, set[str]] = {}
        self._keys: dict[str, set[str]] = {}

    def keys(self, name: str) -> set[str]:
        """Return the keys of the users who can have this name."""
        known, users = self._lists, self.users
        changed = [
            (key, user["Attributes"])
            for key, user in users.items()
            if known.get(key) is not user["Attributes"]
        ]
        for key, given in changed:
            self._forget(key)
            self._add(key, given)
        if len(known) > len(users):
            for key in [key for key in known if key not in users]:
                self._forget(key)
        return self._keys.get(name, set())

    def _add(self, key: str, given: list[Any]) -> None:
        values = attributes({"Attributes": given})
        self._lists[key] = given
        self._names[key] = {values[one] for one in _NAMES if one in values}
        for name in self._names[key]:
            self._keys.setdefault(name, set()).add(key)

    def _forget(self, key: str) -> None:
        self._lists.pop(key, None)
        for name in self._names.pop(key, ()):
            self._keys[name].discard(key)
            if not self._keys[name]:
                del self._keys[name]


def install(cognito: Any) -> None:
    """Let MiniStack look users up with an index, also while an import job creates others."""
    resolve = cognito._resolve_user  # noqa: SLF001 - MiniStack's functions are private
    indexes: dict[str, PoolIndex] = {}
    lock = threading.Lock()

    def keys(pool: Record, name: str) -> set[str]:
        with lock:
            index = indexes.pop(pool["Id"], None)
            # A restored pool has the id of a former one, and other users.
            if index is None or index.users is not pool["_users"]:
                index = PoolIndex(pool["_users"])
            indexes[pool["Id"]] = index
            while len(indexes) > _MAXIMUM_POOLS:
                del indexes[next(iter(indexes))]
            return index.keys(name)

    def resolve_quickly(pool: Record, name: Any) -> Any:
        users = pool["_users"]
        if not isinstance(name, str) or name in users:
            return resolve(pool, name)
        found = keys(pool, name)
        if len(found) > 1:
            # The order of users matters.
            return resolve(pool, name)
        return resolve({**pool, "_users": {key: users[key] for key in found}}, name)

    def again(pool: Record, name: Any) -> Any:
        for _ in range(_ATTEMPTS - 1):
            # "Dictionary changed size during iteration", or a user who was deleted meanwhile.
            with suppress(RuntimeError, KeyError):
                return resolve_quickly(pool, name)
        return resolve_quickly(pool, name)

    cognito._resolve_user = again  # noqa: SLF001 - as above
