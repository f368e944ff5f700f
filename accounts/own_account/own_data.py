"""The file with the data of a user: what the user pool, this site and its applications store.

Its size is limited, so that every deployment can send it. A user with more data gets the newest
part, and the file says how much is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.dispatch import Signal
from django.utils import timezone

from accounts.models import AbstractIdentity, AuditEvent, BrowserSession
from accounts.sessions import browser_sessions

if TYPE_CHECKING:
    from cognito.user_pool.self_service import Profile

# A response on Lambda is limited to 6 MB.
MAX_BYTES = 4_500_000
MAX_EVENTS = 5_000
MAX_SESSIONS = 500
_CHUNK = 500

Rows = Iterable[dict[str, Any]]

# `own_data` sends this signal with `issuer` and `sub`. Applications that store data of the user
# return a name, and rows of JSON values with the newest first.
collected = Signal()


def own_data(user: AbstractIdentity, profile: Profile, groups: list[str]) -> bytes:
    """Return the file: one JSON object in UTF-8, of at most about MAX_BYTES.

    Args:
        user: the user's row.
        profile: the attributes in the user pool at this moment.
        groups: the groups at the last renewal of the session.
    """
    parts: list[tuple[str, Rows]] = [("sessions", _sessions(user)), ("events", _events(user))]
    for _, part in collected.send(sender=None, issuer=user.issuer, sub=user.sub):
        parts.append(cast("tuple[str, Rows]", part))
    lists: dict[str, list[dict[str, Any]]] = {}
    left_out: dict[str, int] = {}
    size = 0
    for name, rows in parts:
        lists[name] = []
        for row in rows:
            text = _json(row)
            # A row is indented further in the file.
            size += len(text) + 8 * (text.count(b"\n") + 1)
            if size > MAX_BYTES:
                left_out[name] = left_out.get(name, 0) + 1
            else:
                lists[name].append(row)
    about = {
        "issuer": user.issuer,
        "username": user.username,
        "groups": groups,
        "first_signed_in_at": _time(user.created_at),
    }
    return _json(
        {
            "created_at": _time(timezone.now()),
            "profile": profile._asdict() | about,
            **lists,
            "left_out": left_out,
        }
    )


def _sessions(user: AbstractIdentity) -> Iterator[dict[str, Any]]:
    for one in browser_sessions.live_sessions(issuer=user.issuer, sub=user.sub, limit=MAX_SESSIONS):
        yield _session(one)


def _session(one: BrowserSession) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "browser": one.browser_name,
        "user_agent": one.user_agent,
        "address": one.address,
        "signed_in_at": _time(one.signed_in_at),
        "last_seen_at": _time(one.last_seen_at),
    }


def _events(user: AbstractIdentity) -> Iterator[dict[str, Any]]:
    about = AuditEvent.objects.filter(subject_sub=user.sub).order_by("-at", "-pk")[:MAX_EVENTS]
    for event in about.iterator(_CHUNK):
        yield _event(event, user.sub)


def _event(event: AuditEvent, sub: str) -> dict[str, Any]:
    """Return what an event says about the user, and nothing about an operator who acted."""
    is_own = event.actor_sub in {"", sub}
    return {
        "at": _time(event.at),
        "action": event.action,
        "outcome": event.outcome,
        "detail": event.detail,
        "by": "unknown" if not event.actor_sub else "you" if is_own else "someone else",
        "address": event.address if is_own else None,
        "user_agent": event.user_agent if is_own else None,
    }


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _json(value: object) -> bytes:
    # Readable, because a user opens it in an editor. A lone surrogate has no UTF-8.
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "replace")
