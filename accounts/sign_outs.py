"""Signing out: one device or all of them; here at once, at Cognito as far as it can be reached."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import conf, encryption
from accounts.models import BrowserSession, Revocation, User
from cognito import deadlines
from cognito.checks import MAX_LIFETIME_SECONDS
from cognito.claims import Claims
from cognito.errors import CognitoError

logger = logging.getLogger(__name__)

# No bearer token lives longer, once its refresh token makes no new ones.
REVOKED_FOR = timedelta(seconds=MAX_LIFETIME_SECONDS)


def sign_out_device(browser_session: BrowserSession) -> None:
    """Refuses the bearer tokens of an ended session from now on, and revokes its refresh token.

    Call it after the row is deleted (accounts.sessions.end). Done in under 3 s: what Cognito cannot
    be told now is refused here for longer instead.
    """
    revocation = None
    if browser_session.origin_jti:
        revocation = _revoke(
            issuer=browser_session.user.issuer, origin_jti=browser_session.origin_jti
        )
    if _was_revoked_at_cognito(browser_session) and revocation is not None:
        _confirm(revocation)


def sign_out_everywhere(user: User, *, from_session: object) -> None:
    """Ends every session of the user and refuses every bearer token issued to them so far.

    Args:
        from_session: primary key of one of the sessions, whose refresh token lets Cognito end
            what the user has on other devices and clients.
    """
    ended, revocation = _end_sessions(issuer=user.issuer, sub=user.sub)
    last = ended.get(str(from_session))
    if last is not None and _was_ended_at_cognito(last):
        _confirm(revocation)


def sign_out_bearer(claims: Claims, *, refresh_token: str) -> None:
    """Refuses the bearer tokens of the sign-in that `claims` are of, and revokes its refresh token.

    What Cognito cannot be told now is refused here for longer instead.
    """
    revocation = None
    if claims.origin_jti:
        revocation = _revoke(issuer=claims.issuer, origin_jti=claims.origin_jti)
    pool = replace(conf.user_pool(), deadline_seconds=deadlines.SHARED_CALL_SECONDS)
    try:
        pool.revoke(refresh_token)
    except CognitoError as error:
        logger.warning("A refresh token was not revoked at sign-out: %s", error)
        return
    if revocation is not None:
        _confirm(revocation)


def sign_out_bearer_everywhere(claims: Claims, *, access_token: str | None) -> None:
    """As `sign_out_everywhere`, for somebody who has no session here, but a bearer token.

    Args:
        access_token: theirs, if it has the scope that Cognito wants; otherwise it is refused here
            for as long as a refresh token may live.
    """
    _, revocation = _end_sessions(issuer=claims.issuer, sub=claims.sub)
    if access_token is None:
        return
    try:
        conf.user_pool().sign_out_everywhere(access_token)
    except CognitoError as error:
        logger.warning("A user was not signed out everywhere at Cognito: %s", error)
        return
    _confirm(revocation)


def sign_out_by_operator(*, issuer: str, sub: str, is_over_at_cognito: bool) -> None:
    """Ends every session of a user here and refuses every bearer token issued to them so far.

    Args:
        is_over_at_cognito: whether the pool has ended every refresh token of theirs; otherwise new
            bearer tokens of old sign-ins are refused for as long as a refresh token may live.
    """
    _, revocation = _end_sessions(issuer=issuer, sub=sub)
    if is_over_at_cognito:
        _confirm(revocation)


def _end_sessions(*, issuer: str, sub: str) -> tuple[dict[str, BrowserSession], Revocation]:
    with transaction.atomic():
        # Waits for renewals under way, so that none of them brings a session back.
        rows = BrowserSession.objects.select_for_update(of=("self",)).filter(
            user__issuer=issuer, user__sub=sub
        )
        ended = {str(row.pk): row for row in rows}
        BrowserSession.objects.filter(pk__in=list(ended)).delete()
        return ended, _revoke(issuer=issuer, sub=sub)


def _revoke(*, issuer: str, origin_jti: str = "", sub: str = "") -> Revocation:
    now = timezone.now()
    return Revocation.objects.create(
        issuer=issuer,
        origin_jti=origin_jti,
        sub=sub,
        signed_in_until=now,
        expires_at=now + _unconfirmed_for(),
    )


def _unconfirmed_for() -> timedelta:
    """A refresh token that was not revoked goes on making tokens until its end."""
    return timedelta(days=settings.COGNITO_REFRESH_TOKEN_DAYS) + REVOKED_FOR


def _confirm(revocation: Revocation) -> None:
    """No new tokens can come: the revocation is needed as long as the last one lives."""
    expires_at: datetime = revocation.signed_in_until + REVOKED_FOR
    Revocation.objects.filter(pk=revocation.pk).update(expires_at=expires_at)


def _was_revoked_at_cognito(browser_session: BrowserSession) -> bool:
    if not browser_session.refresh_token:
        return True
    try:
        conf.user_pool().revoke(encryption.decrypt(browser_session.refresh_token))
    except (CognitoError, encryption.UndecryptableToken) as error:
        logger.warning("A refresh token was not revoked at sign-out: %s", error)
        return False
    return True


def _was_ended_at_cognito(browser_session: BrowserSession) -> bool:
    """A fresh access token is what GlobalSignOut takes; none is kept here."""
    if not browser_session.refresh_token:
        return False
    pool = replace(conf.user_pool(), deadline_seconds=deadlines.SHARED_CALL_SECONDS)
    try:
        tokens = pool.refresh(encryption.decrypt(browser_session.refresh_token))
        pool.sign_out_everywhere(tokens.access_token)
    except (CognitoError, encryption.UndecryptableToken) as error:
        logger.warning("A user was not signed out everywhere at Cognito: %s", error)
        return False
    return True
