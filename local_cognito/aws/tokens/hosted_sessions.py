"""Sessions at the hosted UI: what a browser has proven there, for every app client.

The local hosted UI runs in a process of its own. It signs a user in with an app client of its own,
begins a session with the access token, and gets authorization codes for other app clients until the
session ends.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

from local_cognito.aws.context import Context
from local_cognito.aws.ministack_pools import Record, own
from local_cognito.aws.service_errors import NotAuthorized
from local_cognito.aws.tokens import sign_ins
from local_cognito.aws.tokens.sign_ins import SignIn

# An hour after the sign-in, as in Cognito. Use of the session does not extend it.
# https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-managed-login.html
SECONDS = 60 * 60
DEFAULT_MINUTES = 60
MAXIMUM = 25

_ENDED = "The session at the hosted UI has ended."


def begin(user: Record, sign_in: SignIn, *, client_id: str, now: float, device: Record) -> str:
    """Begin a session. Return its identifier, `sso…`.

    `client_id` is the app client that the user came from, and `device` what the list of sessions
    shows of the browser: `DeviceType`, `IpAddress`.
    """
    sessions = _unexpired(user, now)
    while len(sessions) >= MAXIMUM:
        del sessions[min(sessions, key=lambda session_id: sessions[session_id]["created"])]
    session_id = sign_ins.session_id("sso")
    sessions[session_id] = sign_in.stored() | {
        "client_id": client_id,
        "created": now,
        "used": now,
        "expires": now + SECONDS,
        "password": _fingerprint(user, session_id),
        "device": device,
    }
    return session_id


def use(
    context: Context, pool: Record, client: Record, user: Record, session_id: str
) -> tuple[SignIn, Record]:
    """Return what the session has proven, and its device. Raises NotAuthorized if it has ended.

    An app client may accept a session for a shorter time than it lasts, but accepts a new one.
    """
    session = require(context, user, session_id)
    now = context.clock()
    is_new = not session.get("is_used")
    if not is_new and now - session["auth_time"] > maximum_minutes(pool, client) * 60:
        raise NotAuthorized("The app client does not accept this session any more.")
    session |= {"used": now, "is_used": True}
    return replace(SignIn.restored(session), hosted_session_id=session_id), session["device"]


def require(context: Context, user: Record, session_id: str) -> Record:
    """Return what is stored of a session. Raises NotAuthorized if it has ended.

    A session ends when it expires or is revoked, and when the user is disabled or gets another
    password.
    """
    session = _unexpired(user, context.clock()).get(session_id)
    if session is None or not user.get("Enabled", True):
        raise NotAuthorized(_ENDED)
    if not hmac.compare_digest(session["password"], _fingerprint(user, session_id)):
        end(user, session_id)
        raise NotAuthorized(_ENDED)
    return session


def maximum_minutes(pool: Record, client: Record) -> int:
    """Return how long after a sign-in the app client accepts the session silently."""
    kept: dict[str, int] = own(pool).get("session_minutes", {})
    return kept.get(client["ClientId"], DEFAULT_MINUTES)


def set_maximum_minutes(pool: Record, client: Record, minutes: int) -> None:
    kept = own(pool).get("session_minutes", {}) | {client["ClientId"]: minutes}
    # Without those of deleted clients.
    own(pool)["session_minutes"] = {
        client_id: kept[client_id] for client_id in kept if client_id in pool["_clients"]
    }


def end(user: Record, session_id: str) -> None:
    own(user).get("hosted_sessions", {}).pop(session_id, None)


def all_of(user: Record, now: float) -> dict[str, Record]:
    """Return the sessions that have not expired, by their identifiers."""
    return dict(_unexpired(user, now))


def _unexpired(user: Record, now: float) -> dict[str, Record]:
    sessions: dict[str, Record] = own(user).setdefault("hosted_sessions", {})
    for session_id in [key for key, session in sessions.items() if session["expires"] <= now]:
        del sessions[session_id]
    return sessions


def _fingerprint(user: Record, session_id: str) -> str:
    """Return a value that changes with the password."""
    password = user.get("_password") or ""
    return hmac.digest(session_id.encode(), password.encode(), hashlib.sha256).hex()
