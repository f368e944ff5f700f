"""Sign out one device or all: on this site at once, at Cognito if it is available."""

from __future__ import annotations

import logging
import math
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import conf, encryption
from accounts.identity.adapter import adapter
from accounts.models import AbstractIdentity, BrowserSession, Revocation
from accounts.process.revocation_list import signed_in_at
from accounts.sign_out import revocations
from cognito import deadlines
from cognito.errors import CognitoError
from cognito.tokens.claim_checks import CLOCK_SKEW_SECONDS, MAX_LIFETIME_SECONDS
from cognito.tokens.claims import Claims
from cognito.user_pool.hosted_sessions import HostedSessions, HostedSignOut

if TYPE_CHECKING:
    from cognito.directory.records import DirectoryUser
    from cognito.directory.users import Directory

logger = logging.getLogger(__name__)

# All bearer tokens have expired after this time, unless a refresh token makes new ones.
REVOKED_FOR = timedelta(seconds=MAX_LIFETIME_SECONDS)


def sign_out_device(browser_session: BrowserSession) -> None:
    """Revoke the bearer tokens of an ended session, and its refresh token at Cognito.

    Call it after the row was deleted (accounts.sessions.browser_sessions.end). It takes less than
    3 s. If Cognito is unavailable, this site refuses the tokens for longer instead.
    """
    user = browser_session.user
    revocation = _revoke_sign_in(
        issuer=user.issuer, origin_jti=browser_session.origin_jti, sub=user.sub
    )
    if _was_revoked_at_cognito(browser_session) and revocation is not None:
        _confirm(revocation)


def sign_out_everywhere(user: AbstractIdentity, *, from_session: object) -> None:
    """End all sessions of the user, and revoke all bearer tokens issued so far.

    Args:
        from_session: primary key of one of the sessions. Its refresh token lets Cognito sign the
            user out on other devices, for other app clients, and at the hosted UI.
    """
    ended, revocation = _end_sessions(issuer=user.issuer, sub=user.sub)
    last = ended.get(str(from_session))
    access_token = last and _last_access_token(last)
    if access_token:
        _sign_out_at_cognito(access_token, revocation)


def sign_out_others(user: AbstractIdentity, *, this_session: object) -> int:
    """End all sessions of the user except one, and revoke all bearer tokens issued so far.

    Return the number of ended sessions. Cognito revokes their refresh tokens, as far as there is
    time. It cannot sign the user out of other app clients and keep this session, so this site
    refuses the tokens of all earlier sign-ins for the lifetime of a refresh token.

    Args:
        user: the user.
        this_session: primary key of the session that stays.
    """
    ended, _ = _end_sessions(issuer=user.issuer, sub=user.sub, except_for=this_session)
    for browser_session in ended.values():
        if not _was_revoked_at_cognito(browser_session):
            # The other calls would find no time either, or the same outage.
            break
    return len(ended)


def sign_out_bearer(claims: Claims, *, refresh_token: str) -> None:
    """Revoke the bearer tokens of the sign-in that `claims` belong to, and its refresh token.

    If Cognito is unavailable, this site refuses the tokens for longer instead.
    """
    revocation = _revoke_sign_in(
        issuer=claims.issuer, origin_jti=claims.origin_jti or "", sub=claims.sub
    )
    pool = conf.user_pool(deadline_seconds=deadlines.SHARED_CALL_SECONDS)
    try:
        pool.revoke(refresh_token)
    except CognitoError as error:
        _warn("A refresh token was not revoked at sign-out", error)
        return
    if revocation is not None:
        _confirm(revocation)


def sign_out_bearer_everywhere(claims: Claims, *, access_token: str | None) -> None:
    """Sign a user with a bearer token out everywhere, as `sign_out_everywhere` does.

    Args:
        access_token: the user's, if it has the scope that Cognito requires. Without it, this site
            refuses the user's tokens for the lifetime of a refresh token.
    """
    _, revocation = _end_sessions(
        issuer=claims.issuer, sub=claims.sub, signed_in_at=signed_in_at(claims)
    )
    if access_token is not None:
        _sign_out_at_cognito(access_token, revocation)


def sign_out_by_operator(*, issuer: str, sub: str, is_signed_out_at_cognito: bool) -> None:
    """End all sessions of a user on this site, and revoke all bearer tokens issued so far.

    Args:
        is_signed_out_at_cognito: whether the pool has revoked the user's refresh tokens. If not,
            this site refuses tokens of old sign-ins for the lifetime of a refresh token.
    """
    _, revocation = _end_sessions(issuer=issuer, sub=sub)
    if is_signed_out_at_cognito:
        _confirm(revocation)


def revoke_refresh_tokens(pool: Directory, user: DirectoryUser) -> bool:
    """Revoke a user's refresh tokens at Cognito, and return whether that is certain.

    A new password does not revoke them, and neither does an account that is disabled for a time.
    """
    try:
        pool.sign_out_everywhere(user.username)
    except CognitoError as error:
        _warn("A user was not signed out everywhere at Cognito", error)
        return False
    return True


def end_earlier_sign_ins(user: DirectoryUser) -> None:
    """End all sign-ins with a password that was just replaced, and the hosted UI's sessions.

    The times of sign-ins are whole seconds. This function returns after the current second, so that
    a sign-in with the new password does not count as an earlier one.

    If Cognito cannot revoke the refresh tokens, this site refuses the tokens that they produce for
    the lifetime of a refresh token.
    """
    pool = conf.directory(deadline_seconds=deadlines.SHARED_CALL_SECONDS)
    is_signed_out_at_cognito = revoke_refresh_tokens(pool, user)
    _log_hosted(pool.end_hosted_sessions(user.username))
    sign_out_by_operator(
        issuer=settings.COGNITO_ISSUER,
        sub=user.sub,
        is_signed_out_at_cognito=is_signed_out_at_cognito,
    )
    now = time.time()
    wait, left = math.floor(now) + 1 - now, deadlines.database_seconds()
    time.sleep(wait if left is None else min(wait, left))


def _end_sessions(
    *, issuer: str, sub: str, signed_in_at: float = 0, except_for: object = None
) -> tuple[dict[str, BrowserSession], int]:
    """Delete the sessions. Return them by primary key, and the key of the revocation.

    Args:
        signed_in_at: the caller's sign-in by Cognito's clock, which may be ahead of ours.
        except_for: primary key of a session that stays.
    """
    now = timezone.now()
    ahead = min(signed_in_at - now.timestamp(), CLOCK_SKEW_SECONDS)
    until = now + timedelta(seconds=max(0, ahead))
    with transaction.atomic():
        rows = BrowserSession.objects.filter(user__issuer=issuer, user__sub=sub)
        # This waits for renewals in progress, which could otherwise restore a session, and then for
        # sign-ins in progress. A sign-in locks the user before it looks for a revocation, so its
        # session is here now, or it finds the revocation.
        list(rows.select_for_update(of=("self",)).values_list("pk"))
        adapter().find(issuer=issuer, sub=sub, lock=True)
        ended = {str(row.pk): row for row in rows if str(row.pk) != str(except_for)}
        BrowserSession.objects.filter(pk__in=list(ended)).delete()
        return ended, revocations.revoke_user(
            issuer=issuer, sub=sub, until=until, expires_at=until + _unconfirmed_for()
        )


def _revoke_sign_in(*, issuer: str, origin_jti: str, sub: str) -> int | None:
    """Return the key of a revocation that refuses this sign-in alone, otherwise None.

    Tokens without an origin_jti cannot be revoked alone.
    """
    if not origin_jti:
        return None
    now = timezone.now()
    return revocations.revoke_sign_in(
        issuer=issuer,
        origin_jti=origin_jti,
        sub=sub,
        until=now,
        expires_at=now + _unconfirmed_for(),
    )


def _unconfirmed_for() -> timedelta:
    """Return how long a refresh token that was not revoked, and its tokens, can be valid."""
    return timedelta(days=settings.COGNITO_REFRESH_TOKEN_DAYS) + REVOKED_FOR


def _confirm(revocation: int) -> None:
    """Shorten the revocation to the lifetime of a bearer token: no new ones can be issued.

    A revocation that was repeated in the meantime has another key and keeps its time, because
    Cognito has not ended the sign-ins between the two.
    """
    rows = Revocation.objects.filter(pk=revocation)
    rows.update(expires_at=F("signed_in_until") + REVOKED_FOR)


def _was_revoked_at_cognito(browser_session: BrowserSession) -> bool:
    if not browser_session.refresh_token:
        return True
    try:
        conf.user_pool().revoke(encryption.decrypt(browser_session.refresh_token))
    except (CognitoError, encryption.UndecryptableToken) as error:
        _warn("A refresh token was not revoked at sign-out", error)
        return False
    return True


def _last_access_token(browser_session: BrowserSession) -> str | None:
    """Return a new access token, because none is stored; None if Cognito gives none."""
    if not browser_session.refresh_token:
        return None
    pool = conf.user_pool(deadline_seconds=deadlines.SHARED_CALL_SECONDS)
    try:
        return pool.refresh(
            encryption.decrypt(browser_session.refresh_token), device_key=browser_session.device_key
        ).access_token
    except (CognitoError, encryption.UndecryptableToken) as error:
        _warn("A user was not signed out everywhere at Cognito", error)
        return None


def _sign_out_at_cognito(access_token: str, revocation: int) -> None:
    """End the user's sessions at the hosted UI, and then all sign-ins, by GlobalSignOut.

    The access token ends with the sign-ins. They matter more, so the sessions leave them the time
    of a call.
    """
    seconds = deadlines.SHARED_CALL_SECONDS
    hosted = HostedSessions(conf.pool_service(deadline_seconds=seconds), access_token).end_all(
        reserved_seconds=seconds
    )
    _log_hosted(hosted)
    try:
        conf.user_pool().sign_out_everywhere(access_token)
    except CognitoError as error:
        _warn("A user was not signed out everywhere at Cognito", error)
        return
    _confirm(revocation)


def _log_hosted(hosted: HostedSignOut) -> None:
    if hosted.ended:
        logger.info("Sessions at the hosted UI ended: %d", hosted.ended)
    if hosted.error is not None:
        _warn("A user's sessions at the hosted UI were not all ended", hosted.error)


def _warn(message: str, error: CognitoError | encryption.UndecryptableToken) -> None:
    """Log what failed, with `outage`, which limits repeated lines."""
    reason = getattr(error, "reason", "") or error.code
    outage = getattr(error, "dependency", "")
    logger.warning("%s: %s", message, reason, extra={"outage": outage})
