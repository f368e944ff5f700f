"""Browser sessions: begun by a sign-in, ended here or by deleting their row."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest
from django.utils import timezone

from accounts import encryption
from accounts.models import BrowserSession, User
from cognito.errors import CognitoUnavailable
from cognito.sign_in import VerifiedSignIn
from cognito.user_pool import revoke_refresh_token

logger = logging.getLogger(__name__)

SESSION_ID_KEY = "browser_session_id"
GROUPS_KEY = "groups"
BACKEND = "accounts.backends.CognitoBackend"
# How often a device's "last seen" is written. Less often is cheaper, more often is no use.
SEEN_RESOLUTION = timedelta(minutes=1)


def begin(
    request: HttpRequest, user: User, sign_in: VerifiedSignIn, *, refresh_token: str | None
) -> BrowserSession:
    """Signs this browser in. Call it inside a transaction.

    Whatever session the browser had is gone, its key and its device row as well: a key known from
    before the sign-in is worth nothing after it (OWASP ASVS 7.2.4).
    """
    forget(request)
    now = timezone.now()
    browser_session = BrowserSession.objects.create(
        user=user,
        refresh_token=encryption.encrypt(refresh_token) if refresh_token else "",
        origin_jti=sign_in.access_claims.origin_jti or "",
        user_agent=request.headers.get("User-Agent", "")[:400],
        signed_in_at=now,
        last_seen_at=now,
        renewed_at=now,
    )
    auth.login(request, user, backend=BACKEND)
    request.session[SESSION_ID_KEY] = str(browser_session.pk)
    request.session[GROUPS_KEY] = sorted(sign_in.id_claims.groups)
    return browser_session


def current(request: HttpRequest) -> BrowserSession | None:
    """The device row of the request's session; None when nobody is signed in, or no longer."""
    pk = request.session.get(SESSION_ID_KEY)
    if pk is None:
        return None
    return BrowserSession.objects.filter(pk=pk).first()


def is_over(browser_session: BrowserSession, now: datetime) -> bool:
    """Whether an idle or absolute limit has passed (OWASP ASVS 7.3.1 and 7.3.2)."""
    idle = timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    absolute = timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS)
    return (
        now - browser_session.last_seen_at > idle or now - browser_session.signed_in_at > absolute
    )


def mark_seen(browser_session: BrowserSession, now: datetime) -> None:
    if now - browser_session.last_seen_at > SEEN_RESOLUTION:
        BrowserSession.objects.filter(pk=browser_session.pk).update(last_seen_at=now)


def forget(request: HttpRequest) -> BrowserSession | None:
    """Ends this browser's session here: its data, its key and its device row, which is returned."""
    browser_session = current(request)
    if browser_session is not None:
        BrowserSession.objects.filter(pk=browser_session.pk).delete()
    auth.logout(request)
    return browser_session


def revoke(browser_session: BrowserSession) -> None:
    """Tells Cognito that the session is over, so that its refresh token is worth nothing.

    Best effort, in under 3 s: a sign-out succeeds here even when Cognito cannot be reached.
    """
    if not browser_session.refresh_token:
        return
    try:
        revoke_refresh_token(
            encryption.decrypt(browser_session.refresh_token),
            region=settings.COGNITO_REGION,
            client_id=settings.COGNITO_CLIENT_ID,
            client_secret=settings.COGNITO_CLIENT_SECRET,
        )
    except (CognitoUnavailable, encryption.UndecryptableToken) as error:
        logger.warning("A refresh token was not revoked at sign-out: %s", error)
