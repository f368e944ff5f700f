"""Signing out: one device or all of them; here at once, at Cognito as far as it can be reached."""

from __future__ import annotations

import logging
import math
import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import conf, encryption
from accounts.models import BrowserSession, Revocation, User
from accounts.process.revocation_list import signed_in_at
from accounts.sign_out import revocations
from cognito import deadlines
from cognito.directory.records import DirectoryUser
from cognito.errors import CognitoError
from cognito.tokens.claim_checks import CLOCK_SKEW_SECONDS, MAX_LIFETIME_SECONDS
from cognito.tokens.claims import Claims

logger = logging.getLogger(__name__)

# No bearer token lives longer, once its refresh token makes no new ones.
REVOKED_FOR = timedelta(seconds=MAX_LIFETIME_SECONDS)


def sign_out_device(browser_session: BrowserSession) -> None:
    """Refuses the bearer tokens of an ended session from now on, and revokes its refresh token.

    Call it after the row is deleted (accounts.sessions.browser_sessions.end). Done in under 3 s:
    what Cognito cannot be told now is refused here for longer instead.
    """
    user = browser_session.user
    revocation = _revoke_sign_in(
        issuer=user.issuer, origin_jti=browser_session.origin_jti, sub=user.sub
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
    """As `sign_out_everywhere`, for somebody who has no session here, but a bearer token.

    Args:
        access_token: theirs, if it has the scope that Cognito wants; otherwise it is refused here
            for as long as a refresh token may live.
    """
    _, revocation = _end_sessions(
        issuer=claims.issuer, sub=claims.sub, signed_in_at=signed_in_at(claims)
    )
    if access_token is None:
        return
    try:
        conf.user_pool().sign_out_everywhere(access_token)
    except CognitoError as error:
        _warn("A user was not signed out everywhere at Cognito", error)
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


def end_earlier_sign_ins(user: DirectoryUser) -> None:
    """End every sign-in made with a password that was just replaced.

    Returns once the second of the replacement has passed, because sign-ins have whole seconds: a
    sign-in with the new password must not be taken for an earlier one.

    Browser sessions and bearer tokens end here. Where Cognito cannot end the refresh tokens, what
    they are exchanged for is refused here for as long as one may live.
    """
    pool = conf.directory(deadline_seconds=deadlines.SHARED_CALL_SECONDS)
    is_over_at_cognito = True
    try:
        pool.sign_out_everywhere(user.username)
    except CognitoError as error:
        is_over_at_cognito = False
        logger.warning("A user was not signed out everywhere at Cognito: %s", error)
    sign_out_by_operator(
        issuer=settings.COGNITO_ISSUER, sub=user.sub, is_over_at_cognito=is_over_at_cognito
    )
    now = time.time()
    wait, left = math.floor(now) + 1 - now, deadlines.database_seconds()
    time.sleep(wait if left is None else min(wait, left))


def _end_sessions(
    *, issuer: str, sub: str, signed_in_at: float = 0
) -> tuple[dict[str, BrowserSession], int]:
    """Return the sessions by their keys, and the key of the revocation.

    Args:
        signed_in_at: of the caller, by Cognito's clock, which may be ahead of ours.
    """
    now = timezone.now()
    ahead = min(signed_in_at - now.timestamp(), CLOCK_SKEW_SECONDS)
    until = now + timedelta(seconds=max(0, ahead))
    with transaction.atomic():
        # Waits for renewals under way, so that none of them brings a session back.
        rows = BrowserSession.objects.select_for_update(of=("self",)).filter(
            user__issuer=issuer, user__sub=sub
        )
        ended = {str(row.pk): row for row in rows}
        BrowserSession.objects.filter(pk__in=list(ended)).delete()
        return ended, revocations.revoke_user(
            issuer=issuer, sub=sub, until=until, expires_at=until + _unconfirmed_for()
        )


def _revoke_sign_in(*, issuer: str, origin_jti: str, sub: str) -> int | None:
    """Return the key of the revocation. Nothing names a sign-in whose tokens have no origin_jti."""
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
    """A refresh token that was not revoked goes on making tokens until its end."""
    return timedelta(days=settings.COGNITO_REFRESH_TOKEN_DAYS) + REVOKED_FOR


def _confirm(revocation: int) -> None:
    """Keep the revocation only as long as the last token lives, since no new ones can come.

    One that was made again meanwhile has another key and keeps its time: the tokens of sign-ins
    between the two were not ended at Cognito.
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


def _was_ended_at_cognito(browser_session: BrowserSession) -> bool:
    """A fresh access token is what GlobalSignOut takes; none is kept here."""
    if not browser_session.refresh_token:
        return False
    pool = conf.user_pool(deadline_seconds=deadlines.SHARED_CALL_SECONDS)
    try:
        tokens = pool.refresh(
            encryption.decrypt(browser_session.refresh_token), device_key=browser_session.device_key
        )
        pool.sign_out_everywhere(tokens.access_token)
    except (CognitoError, encryption.UndecryptableToken) as error:
        _warn("A user was not signed out everywhere at Cognito", error)
        return False
    return True


def _warn(message: str, error: Exception) -> None:
    """Log what Cognito was not told. During an outage that is so at each sign-out."""
    outage = getattr(error, "dependency", "")
    logger.warning("%s: %s", message, error, extra={"outage": outage})
