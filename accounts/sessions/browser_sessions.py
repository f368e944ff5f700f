"""Begin, look up and end browser sessions."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import encryption
from accounts.client_address import client_address
from accounts.models import AbstractIdentity, BrowserSession
from accounts.sessions import authentication
from cognito.attributes.labels import shown
from cognito.hosted_ui.verified_sign_in import VerifiedSignIn

SESSION_ID_KEY = "browser_session_id"
BACKEND = "accounts.backends.CognitoBackend"
# "Last seen" is written at most this often, to save writes.
SEEN_RESOLUTION = timedelta(minutes=1)


def is_ours(session: SessionBase) -> bool:
    """Return whether a session is a visitor's, or of a sign-in through the user pool.

    A project can have other sign-ins, for example with its own passwords.
    """
    return bool(session.get(auth.BACKEND_SESSION_KEY, BACKEND) == BACKEND)


def begin(
    request: HttpRequest,
    user: AbstractIdentity,
    sign_in: VerifiedSignIn,
    *,
    refresh_token: str | None,
) -> BrowserSession:
    """Sign this browser in. Call it inside a transaction.

    The browser's previous session ends, with its key and its device row, so that a session key from
    before the sign-in is worthless afterwards (OWASP ASVS 7.2.4).
    """
    forget(request)
    now = timezone.now()
    browser_session = BrowserSession.objects.create(
        user=user,  # type: ignore[misc] # mypy knows one of the two models
        refresh_token=encryption.encrypt(refresh_token) if refresh_token else "",
        origin_jti=sign_in.access_claims.origin_jti or "",
        device_key=sign_in.device_key,
        groups=sorted(sign_in.id_claims.groups),
        user_agent=shown(request.headers.get("User-Agent", "")[:400].replace("\0", ""))[:400],
        address=client_address(request),
        signed_in_at=now,
        last_seen_at=now,
        renewed_at=now,
    )
    auth.login(request, user.auth_user, backend=BACKEND)
    user.mark_signed_in()
    request.session[SESSION_ID_KEY] = str(browser_session.pk)
    authentication.record(request, sign_in.id_claims)
    return browser_session


def sign_with_newest_key(session: SessionBase, user: AbstractIdentity) -> None:
    """Sign the data of a user's session with SECRET_KEY, if a former key has signed it.

    Django would do that too, but with a new session key. A browser sends several requests at a
    time, and those with the former session key would then find no session and delete the cookie.
    """
    row = user.auth_user
    if not hasattr(row, "get_session_auth_fallback_hash"):
        # A project's own user model may bind its sessions to nothing.
        return
    present, found = row.get_session_auth_hash(), str(session.get(auth.HASH_SESSION_KEY, ""))
    if constant_time_compare(found, present):
        return
    if any(constant_time_compare(found, one) for one in row.get_session_auth_fallback_hash()):
        session[auth.HASH_SESSION_KEY] = present


def lock_current(request: HttpRequest) -> None:
    """Lock the device row of the request's session, if any, until the transaction ends.

    All code locks a session before its user. Different orders would lead to a deadlock.
    """
    pk = request.session.get(SESSION_ID_KEY)
    if pk is not None:
        BrowserSession.objects.select_for_update().filter(pk=pk).first()


def current(request: HttpRequest) -> BrowserSession | None:
    """Return the device row of the request's session and its user, or None without a valid one."""
    pk = request.session.get(SESSION_ID_KEY)
    if pk is None:
        return None
    return BrowserSession.with_users().filter(pk=pk).first()


def live_sessions(*, issuer: str, sub: str, limit: int) -> list[BrowserSession]:
    """Return the sessions of a user that have not expired, the last used first.

    Args:
        issuer: with `sub`, the user, who need not have a row.
        sub: see `issuer`.
        limit: the number of rows that are read. A user can have many more.
    """
    rows = BrowserSession.objects.filter(user__issuer=issuer, user__sub=sub)
    newest, now = rows.order_by("-last_seen_at", "pk")[:limit], timezone.now()
    return [one for one in newest if not is_over(one, now)]


def is_over(browser_session: BrowserSession, now: datetime) -> bool:
    """Return whether the idle or the absolute limit has passed (OWASP ASVS 7.3.1, 7.3.2)."""
    idle = timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    absolute = timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS)
    return (
        now - browser_session.last_seen_at > idle or now - browser_session.signed_in_at > absolute
    )


def mark_seen(browser_session: BrowserSession, now: datetime) -> None:
    if now - browser_session.last_seen_at > SEEN_RESOLUTION:
        BrowserSession.objects.filter(pk=browser_session.pk).update(last_seen_at=now)
        browser_session.last_seen_at = now


def forget(request: HttpRequest) -> BrowserSession | None:
    """End this browser's session, with its data and key. Return the deleted device row."""
    pk = request.session.get(SESSION_ID_KEY)
    browser_session = end(pk) if pk is not None else None
    auth.logout(request)
    return browser_session


def end(pk: uuid.UUID | str, *, of_user: AbstractIdentity | None = None) -> BrowserSession | None:
    """Delete a device row and return its last state, or None if there is no such row.

    It waits for a renewal in progress, so that the returned refresh token is the newest one.

    Args:
        of_user: if given, delete the row only if it belongs to this user.
    """
    rows = BrowserSession.with_users().select_for_update(of=("self",))
    if of_user is not None:
        rows = rows.filter(user=of_user)  # type: ignore[misc] # as above
    with transaction.atomic():
        browser_session = rows.filter(pk=pk).first()
        if browser_session is not None:
            BrowserSession.objects.filter(pk=browser_session.pk).delete()
    return browser_session
