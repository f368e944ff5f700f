"""Earlier versions of the users and groups of each pool.

A version is kept when a request follows a change by a second or more, so that a burst of changes
makes one version. The stack forgets all versions when it stops.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cognito.aws.ministack_pools import OWN, Record

# A version of a pool of this size takes about 1 MB, and 10 ms to make.
MAXIMUM_USERS = 1000
MAXIMUM_VERSIONS = 100
_BURST_SECONDS = 1.0

# What AWS restores of our own data. Sign-ins and codes stay as they are.
_OWN_DATA = ("passkeys", "password_hash")
# What a user who was not deleted keeps.
_KEPT = ("_password", "_tokens")


@dataclass(frozen=True)
class Version:
    """The users by user name, and the groups by name, since `at`. Both are JSON."""

    at: float
    users: Mapping[str, str]
    groups: Mapping[str, str]


@dataclass
class History:
    """The versions of all pools. Times are seconds since 1970. Requests run in threads."""

    _versions: dict[str, list[Version]] = field(default_factory=dict)
    _changed_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note_change(self, now: float) -> None:
        """Say that some pool may have changed just now."""
        self._changed_at = now

    def keep(self, pools: Iterable[Record], now: float, *, at_once: bool = False) -> None:
        """Keep a version of each pool that has changed, unless a burst of changes goes on."""
        with self._lock:
            changed_at = self._changed_at
            if changed_at is None:
                return
            if not at_once and now - changed_at < _BURST_SECONDS:
                return
            self._changed_at = None
            for pool in pools:
                # An import job may add a user meanwhile. The next request tries again.
                try:
                    self._keep(pool, changed_at)
                except RuntimeError:
                    self._changed_at = changed_at

    def version(self, pool: Record, moment: float) -> Version | None:
        """Return what the pool had at a moment, or None if that is not known."""
        if len(pool["_users"]) > MAXIMUM_USERS:
            return None
        known = [one for one in self._versions.get(pool["Id"], ()) if one.at <= moment]
        return known[-1] if known else None

    def _keep(self, pool: Record, at: float) -> None:
        versions = self._versions.setdefault(pool["Id"], [])
        if len(pool["_users"]) > MAXIMUM_USERS:
            versions.clear()
            return
        users = {name: _stored(user) for name, user in pool["_users"].items()}
        groups = {name: json.dumps(group) for name, group in pool["_groups"].items()}
        if versions and (versions[-1].users, versions[-1].groups) == (users, groups):
            return
        if versions:
            # Versions share the texts of users that have not changed.
            former = versions[-1].users
            users = {
                name: former[name] if former.get(name) == text else text
                for name, text in users.items()
            }
        versions.append(Version(at, users, groups))
        del versions[:-MAXIMUM_VERSIONS]


def restored(pool: Record, version: Version) -> tuple[dict[str, Record], dict[str, Record]]:
    """Return the users and groups that the pool will have."""
    users = {}
    for name, text in version.users.items():
        present = pool["_users"].get(name)
        user = json.loads(text)
        if present is not None:
            # A password that was changed after the recovery point stays.
            user |= {key: present[key] for key in _KEPT if key in present}
            passkeys = user[OWN].get("passkeys", [])
            user[OWN] = {**present.get(OWN, {}), "passkeys": passkeys}
        users[name] = user
    return users, {name: json.loads(text) for name, text in version.groups.items()}


def counts(pool: Record, version: Version) -> list[Record]:
    """Return the recovery preview: what the recovery would create, update and delete."""
    users, groups = restored(pool, version)
    now_users, now_groups = pool["_users"], pool["_groups"]
    return [
        _entity("Users", _profiles(now_users), _profiles(users)),
        _entity("Groups", _members(now_groups), _members(groups)),
        _entity("User MFAs", _factors(now_users), _factors(users)),
        _entity("Passkeys", _passkeys(now_users), _passkeys(users)),
    ]


def _entity(name: str, present: Mapping[str, Any], wanted: Mapping[str, Any]) -> Record:
    return {
        "Entity": name,
        "CreateCount": len(wanted.keys() - present.keys()),
        "UpdateCount": sum(wanted[key] != present[key] for key in wanted.keys() & present.keys()),
        "DeleteCount": len(present.keys() - wanted.keys()),
    }


def _stored(user: Record) -> str:
    return json.dumps({**user, "_tokens": [], OWN: _own_data(user)})


def _own_data(user: Record) -> Record:
    data = user.get(OWN, {})
    return {name: data[name] for name in _OWN_DATA if name in data}


def _profiles(users: Mapping[str, Record]) -> dict[str, Any]:
    names = ("Attributes", "Enabled", "UserStatus")
    return {key: [user.get(name) for name in names] for key, user in users.items()}


def _members(groups: Mapping[str, Record]) -> dict[str, Any]:
    return {name: {**group, "LastModifiedDate": None} for name, group in groups.items()}


def _factors(users: Mapping[str, Record]) -> dict[str, Any]:
    names = ("_mfa_enabled", "_preferred_mfa", "_totp_secret")
    found = {key: [user.get(name) for name in names] for key, user in users.items()}
    return {key: values for key, values in found.items() if any(values)}


def _passkeys(users: Mapping[str, Record]) -> dict[str, Any]:
    return {
        passkey["credential_id"]: user["Username"]
        for user in users.values()
        for passkey in user.get(OWN, {}).get("passkeys", ())
    }
