"""Renew browser sessions: every few minutes, refresh the tokens of a session with Cognito.

The renewal takes groups, profile and refresh token from the answer, so that a change in the user
pool reaches a signed-in browser within COGNITO_RENEW_SECONDS.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import conf, encryption, process, users
from accounts.audit import trail
from accounts.metrics.declared import RENEWALS
from accounts.models import BrowserSession
from cognito.errors import (
    CognitoUnavailable,
    MalformedAnswer,
    SignInError,
    Throttled,
    TokenError,
    WrongAccessToken,
)
from cognito.hosted_ui.verified_sign_in import VerifiedSignIn, log_unverifiable, verify_sign_in
from cognito.tokens.verifier import SKIP

logger = logging.getLogger(__name__)

# A session survives an outage of Cognito for this time.
OUTAGE_LIMIT = timedelta(minutes=15)
# How long a session pauses after a failed renewal during an outage, because each attempt makes a
# request wait.
ASK_AGAIN_AFTER = timedelta(seconds=20)
# While a quota of Cognito is used up, all sessions share what it allows. The pause of a session
# begins with the longest, and becomes shorter as the session approaches its end. So nearly every
# session is renewed in time, with few calls that Cognito refuses: docs/scaling.md.
LONGEST_PAUSE = timedelta(seconds=60)
SHORTEST_PAUSE = timedelta(seconds=2)


def is_due(browser_session: BrowserSession, now: datetime) -> bool:
    """Return whether the session's claims are too old, unless a renewal has just failed."""
    # abs(), because claims must not stay valid for longer if the clock is set back.
    age = abs(now - browser_session.renewed_at)
    if age < timedelta(seconds=settings.COGNITO_RENEW_SECONDS):
        return False
    return not _was_asked_in_vain(browser_session, now)


def pause_after(failing_for: timedelta, *, is_throttled: bool) -> timedelta:
    """Return how long a session waits before it asks Cognito again.

    Args:
        failing_for: the time since the first renewal that failed.
        is_throttled: whether Cognito refused because a quota was used up. Otherwise it is down.
    """
    if not is_throttled:
        return ASK_AGAIN_AFTER
    left = max(0.0, 1 - failing_for / OUTAGE_LIMIT)
    return max(LONGEST_PAUSE * left**2, SHORTEST_PAUSE)


def note_failure(browser_session: BrowserSession, now: datetime, *, is_throttled: bool) -> bool:
    """Note that a renewal has failed, without saving it. Return whether the session must end."""
    failing_since = browser_session.failing_since or now
    browser_session.failing_since = failing_since
    pause = pause_after(now - failing_since, is_throttled=is_throttled)
    browser_session.ask_again_at = now + pause
    return now - failing_since > OUTAGE_LIMIT


def is_trusted_for_rights(browser_session: BrowserSession, now: datetime) -> bool:
    """Return whether the claims are recent enough for staff rights."""
    limit = timedelta(seconds=settings.COGNITO_RENEW_SECONDS) + OUTAGE_LIMIT
    return now - browser_session.renewed_at <= limit


def make_due(*, issuer: str, sub: str) -> None:
    """Make a user's sessions renew at their next request, because the groups have changed.

    The sessions count as just due, not as older, so that they survive an outage for the usual time.
    """
    due = timezone.now() - timedelta(seconds=settings.COGNITO_RENEW_SECONDS)
    rows = BrowserSession.objects.filter(user__issuer=issuer, user__sub=sub, renewed_at__gt=due)
    rows.update(renewed_at=due, ask_again_at=None)


def renew(request: HttpRequest, pk: uuid.UUID) -> BrowserSession | None:
    """Return the session, renewed if it is due, or None if it ended and its row was deleted.

    The row stays locked during the call of Cognito, and is read after locking, so that the second
    of two parallel requests finds the result of the first. A rotated refresh token is stored in the
    same transaction, because the pool revokes the old one.
    """
    with transaction.atomic():
        browser_session = _locked(pk)
        now = timezone.now()
        if browser_session is None or not is_due(browser_session, now):
            return browser_session
        try:
            access_token = _renew_locked(request, browser_session, now)
        except CognitoUnavailable as error:
            return _tolerate_outage(request, browser_session, error, now)
        return browser_session if access_token is not None else None


def fresh_access_token(request: HttpRequest, pk: uuid.UUID) -> str | None:
    """Return a new access token of the session's user, for calls of Cognito. Do not store it.

    This renews the session even if it is not due. Returns None if the session has ended.

    Raises:
        CognitoUnavailable: Cognito did not answer, now or a moment ago.
    """
    with transaction.atomic():
        browser_session = _locked(pk)
        now = timezone.now()
        if browser_session is None:
            return None
        if _was_asked_in_vain(browser_session, now):
            raise CognitoUnavailable(reason="the previous attempt has just failed")
        try:
            return _renew_locked(request, browser_session, now)
        except CognitoUnavailable as error:
            outage = error
            is_over = _tolerate_outage(request, browser_session, error, now) is None
    # Raise only after the transaction, which must be committed.
    if is_over:
        return None
    raise outage


def _locked(pk: uuid.UUID) -> BrowserSession | None:
    rows = BrowserSession.with_users().select_for_update(of=("self",))
    return rows.filter(pk=pk).first()


def _was_asked_in_vain(browser_session: BrowserSession, now: datetime) -> bool:
    ask_again_at = browser_session.ask_again_at
    return ask_again_at is not None and timedelta() < ask_again_at - now <= LONGEST_PAUSE


def _renew_locked(
    request: HttpRequest, browser_session: BrowserSession, now: datetime
) -> str | None:
    """Return the access token of the renewal, or None if the session ended.

    Raises CognitoUnavailable before the row is saved.
    """
    try:
        sign_in, access_token = _ask(browser_session)
        with transaction.atomic():
            row = users.sync_user(sign_in.id_claims, request=request)
            browser_session.user = row  # type: ignore[assignment] # mypy knows one of the two models
    except (SignInError, WrongAccessToken, encryption.UndecryptableToken) as error:
        _end(request, browser_session, reason=error.code)
        return None
    browser_session.groups = sorted(sign_in.id_claims.groups)
    browser_session.renewed_at = now
    browser_session.failing_since = browser_session.ask_again_at = None
    browser_session.save()
    process.current.metrics.count(RENEWALS, "renewed")
    return access_token


def _ask(browser_session: BrowserSession) -> tuple[VerifiedSignIn, str]:
    """Return the verified claims of a refresh, and its access token.

    A rotated refresh token is set on `browser_session`.
    """
    tokens = conf.user_pool().refresh(
        encryption.decrypt(browser_session.refresh_token), device_key=browser_session.device_key
    )
    if tokens.refresh_token is not None:
        # Store the new token before the verification, which fails while keys are unavailable. The
        # pool has revoked the old token.
        browser_session.refresh_token = encryption.encrypt(tokens.refresh_token)
    else:
        # Every session that is used gets the newest key, so that a former one can be removed later.
        browser_session.refresh_token = encryption.with_newest_key(browser_session.refresh_token)
    try:
        sign_in = verify_sign_in(
            process.current.verification.verifier,
            tokens,
            client_id=settings.COGNITO_CLIENT_ID,
            nonce=SKIP,
        )
    except WrongAccessToken:
        raise
    except TokenError as error:
        # The pool did not refuse. A wrong clock or key set must not sign users out.
        log_unverifiable(error)
        raise MalformedAnswer(reason=f"the new tokens do not verify: {error.code}") from error
    user = browser_session.user
    if (sign_in.id_claims.issuer, sign_in.id_claims.sub) != (user.issuer, user.sub):
        raise WrongAccessToken
    return sign_in, tokens.access_token


def _end(request: HttpRequest, browser_session: BrowserSession, *, reason: str) -> None:
    process.current.metrics.count(RENEWALS, "ended")
    BrowserSession.objects.filter(pk=browser_session.pk).delete()
    trail.record(
        request,
        trail.Action.RENEWAL,
        trail.Outcome.FAILURE,
        actor=browser_session.user,
        detail=reason,
    )


def _tolerate_outage(
    request: HttpRequest,
    browser_session: BrowserSession,
    error: CognitoUnavailable,
    now: datetime,
) -> BrowserSession | None:
    is_throttled = isinstance(error, Throttled)
    if note_failure(browser_session, now, is_throttled=is_throttled):
        _end(request, browser_session, reason=error.code)
        return None
    process.current.metrics.count(RENEWALS, "unavailable")
    logger.warning(
        "A session could not be renewed. %s is unavailable: %s",
        error.dependency,
        error.reason or error.code,
        extra={"outage": error.dependency},
    )
    browser_session.save(update_fields=["refresh_token", "failing_since", "ask_again_at"])
    return browser_session
