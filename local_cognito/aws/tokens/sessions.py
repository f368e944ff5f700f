"""Sessions of users: their sign-ins (`tkn…`) and their sessions at the hosted UI (`sso…`).

A sign-in is one session of an app, with its refresh token and all tokens that come from it. Both
kinds are stored whether the pool tracks sessions or not. Tracking limits their number, and lets
users and operators see and revoke them.
"""
# ruff: noqa: SLF001

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from local_cognito.aws.context import Context
from local_cognito.aws.ministack_pools import Record, own
from local_cognito.aws.service_errors import NotFound
from local_cognito.aws.tokens import hosted_sessions, sign_ins

DEFAULT_MAXIMUM = 20

_BROWSERS = (
    ("Firefox/", "Firefox"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    (r"iPhone|iPad", "iOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def configuration(pool: Record) -> Record:
    """Return the tracking configuration of a pool, as the API shows it."""
    default: Record = {
        "UserSessionTracking": "DISABLED",
        "TokenSession": {"MaxPerUser": DEFAULT_MAXIMUM},
    }
    kept: Record = own(pool).get("session_configuration", default)
    return {"UserPoolId": pool["Id"], **kept}


def are_tracked(pool: Record) -> bool:
    return bool(configuration(pool)["UserSessionTracking"] == "ENABLED")


def active_sign_ins(context: Context, pool: Record, user: Record) -> dict[str, Record]:
    """Return the sign-ins whose refresh tokens are valid, by `origin_jti`."""
    cognito, now = context.pools.cognito, context.clock()
    active = {}
    for origin_jti, stored in sign_ins.all_of(user):
        seconds = cognito._token_validity(pool["Id"], stored["client_id"], "refresh")
        if origin_jti in cognito._revoked_tokens or stored["created"] + seconds <= now:
            sign_ins.forget(user, origin_jti)
        else:
            active[origin_jti] = stored
    return active


def make_room(context: Context, pool: Record, user: Record) -> None:
    """End the sign-ins that were used least recently, if the pool limits their number."""
    if not are_tracked(pool):
        return
    active = active_sign_ins(context, pool, user)
    maximum = configuration(pool)["TokenSession"]["MaxPerUser"]
    by_use = sorted(active, key=lambda origin_jti: active[origin_jti]["used"])
    for origin_jti in by_use[: max(0, len(active) - maximum + 1)]:
        end_sign_in(context, user, origin_jti)


def end_sign_in(context: Context, user: Record, origin_jti: str) -> None:
    """Revoke all tokens of a sign-in."""
    context.pools.cognito._revoked_tokens.add(origin_jti)
    sign_ins.forget(user, origin_jti)


def revoke(context: Context, pool: Record, user: Record, session_id: str, *, linked: bool) -> None:
    """End a session, and with `linked` those that it came from or led to. Raises NotFound."""
    active = active_sign_ins(context, pool, user)
    hosted = hosted_sessions.all_of(user, context.clock())
    if session_id in hosted:
        hosted_sessions.end(user, session_id)
        for origin_jti, stored in active.items():
            if linked and stored["hosted_session_id"] == session_id:
                end_sign_in(context, user, origin_jti)
        return
    for origin_jti, stored in active.items():
        if stored["session_id"] == session_id:
            end_sign_in(context, user, origin_jti)
            if linked:
                hosted_sessions.end(user, stored["hosted_session_id"])
            return
    raise NotFound("Session does not exist.")


def described(
    context: Context, pool: Record, user: Record, *, current: str | None = None
) -> list[Record]:
    """Return the sessions as the API shows them, the last used first.

    `current` is the `origin_jti` of the access token that asks.
    """
    hosted = hosted_sessions.all_of(user, context.clock())
    found = [
        _description(stored, stored["session_id"], "TOKEN")
        | ({"OriginSessionId": origin} if (origin := stored["hosted_session_id"]) else {})
        | {"IsCurrentSession": origin_jti == current}
        for origin_jti, stored in active_sign_ins(context, pool, user).items()
    ]
    found += [
        _description(stored, session_id, "SSO") | {"IsCurrentSession": False}
        for session_id, stored in hosted.items()
    ]
    return sorted(found, key=lambda session: session["LastActiveDate"], reverse=True)


def device_of(user_agent: str) -> str:
    """Return the browser and the system of a User-Agent: `Chrome on Linux`, or `unknown`."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), None)
    system = next((name for sign, name in _SYSTEMS if re.search(sign, user_agent)), None)
    return " on ".join(name for name in (browser, system) if name) or "unknown"


def _description(stored: Mapping[str, Any], session_id: str, kind: str) -> Record:
    device = stored.get("device") or {}
    description: Record = {
        "SessionId": session_id,
        "SessionType": kind,
        "CreateDate": stored["created"],
        "LastActiveDate": stored["used"],
        "DeviceType": device.get("DeviceType", "unknown"),
        # No address of this machine has a place.
        "LastLocation": {"Country": "unknown"},
    }
    if stored.get("client_id"):
        description["ClientId"] = stored["client_id"]
    if device.get("IpAddress"):
        description["LastIPAddress"] = device["IpAddress"]
    return description
