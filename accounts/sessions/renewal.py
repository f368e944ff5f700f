"""Keeping a browser session true: every few minutes Cognito is asked whether it still stands.

Groups, profile and the refresh token itself are taken from the answer, so that what changes in the
user pool reaches a signed-in browser within COGNITO_RENEW_SECONDS.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import conf, encryption, users
from accounts.audit import trail
from accounts.models import BrowserSession
from cognito.errors import (
    CognitoUnavailable,
    MalformedAnswer,
    SignInError,
    TokenError,
    WrongAccessToken,
)
from cognito.hosted_ui.verified_sign_in import VerifiedSignIn, log_unverifiable, verify_sign_in
from cognito.tokens.verifier import SKIP

logger = logging.getLogger(__name__)

# A session outlives an outage of Cognito for so long.
OUTAGE_LIMIT = timedelta(minutes=15)
# During an outage: how often one request of a session has to wait for a refusal to answer.
ASK_AGAIN_AFTER = timedelta(seconds=20)


def is_due(browser_session: BrowserSession, now: datetime) -> bool:
    """Whether the session's claims are too old, and Cognito was not asked in vain just now."""
    # Both ways, here and below: a clock that was put back must not keep claims young for as long.
    age = abs(now - browser_session.renewed_at)
    if age < timedelta(seconds=settings.COGNITO_RENEW_SECONDS):
        return False
    return not _was_asked_in_vain(browser_session, now)


def is_trusted_for_rights(browser_session: BrowserSession, now: datetime) -> bool:
    """Whether staff rights may still rest on the claims, whatever kept them from being renewed."""
    limit = timedelta(seconds=settings.COGNITO_RENEW_SECONDS) + OUTAGE_LIMIT
    return now - browser_session.renewed_at <= limit


def make_due(*, issuer: str, sub: str) -> None:
    """A user's sessions ask Cognito at their next request, for the groups are known to be others.

    No older than that: an outage of Cognito still leaves them the usual time.
    """
    due = timezone.now() - timedelta(seconds=settings.COGNITO_RENEW_SECONDS)
    rows = BrowserSession.objects.filter(user__issuer=issuer, user__sub=sub, renewed_at__gt=due)
    rows.update(renewed_at=due, ask_again_at=None)


def renew(request: HttpRequest, pk: uuid.UUID) -> BrowserSession | None:
    """The session, renewed if it still is due; None if it is over, its row deleted.

    The row is locked while Cognito is asked, and read after the lock: of two requests at once the
    second finds the first one's result. A refresh token that the pool rotated is stored in the same
    transaction, for the old one dies.
    """
    with transaction.atomic():
        browser_session = _locked(pk)
        now = timezone.now()
        if browser_session is None or not is_due(browser_session, now):
            return browser_session
        try:
            access_token = _renew_locked(request, browser_session, now)
        except CognitoUnavailable as error:
            return _outlive(request, browser_session, error, now)
        return browser_session if access_token is not None else None


def fresh_access_token(request: HttpRequest, pk: uuid.UUID) -> str | None:
    """An access token of the session's user, for what they do at Cognito. Not to be kept.

    The session is renewed by it, however young its claims are: None if that shows it to be over.

    Raises:
        CognitoUnavailable: nobody can tell now. At once, if that was so a moment ago.
    """
    with transaction.atomic():
        browser_session = _locked(pk)
        now = timezone.now()
        if browser_session is None:
            return None
        if _was_asked_in_vain(browser_session, now):
            raise CognitoUnavailable(reason="asked in vain just now")
        try:
            return _renew_locked(request, browser_session, now)
        except CognitoUnavailable as error:
            outage = error
            is_over = _outlive(request, browser_session, error, now) is None
    # Not before the transaction has ended: what it stored has to stay.
    if is_over:
        return None
    raise outage


def _locked(pk: uuid.UUID) -> BrowserSession | None:
    rows = BrowserSession.objects.select_for_update(of=("self",)).select_related("user")
    return rows.filter(pk=pk).first()


def _was_asked_in_vain(browser_session: BrowserSession, now: datetime) -> bool:
    ask_again_at = browser_session.ask_again_at
    return ask_again_at is not None and timedelta() < ask_again_at - now <= ASK_AGAIN_AFTER


def _renew_locked(
    request: HttpRequest, browser_session: BrowserSession, now: datetime
) -> str | None:
    """The access token that the renewal gave; None if the session is over, its row deleted.

    Raises CognitoUnavailable, the row as yet unsaved.
    """
    try:
        sign_in, access_token = _ask(browser_session)
        with transaction.atomic():
            browser_session.user = users.user_of(sign_in.id_claims, request=request)
    except (SignInError, WrongAccessToken, encryption.UndecryptableToken) as error:
        _end(request, browser_session, reason=getattr(error, "code", "undecryptable_token"))
        return None
    browser_session.groups = sorted(sign_in.id_claims.groups)
    browser_session.renewed_at = now
    browser_session.failing_since = browser_session.ask_again_at = None
    browser_session.save()
    return access_token


def _ask(browser_session: BrowserSession) -> tuple[VerifiedSignIn, str]:
    """The verified claims of a refresh, and its access token.

    A refresh token that replaces the old one is set.
    """
    tokens = conf.user_pool().refresh(
        encryption.decrypt(browser_session.refresh_token), device_key=browser_session.device_key
    )
    if tokens.refresh_token is not None:
        # Before the rest is verified: without keys that has to wait, and the old one dies.
        browser_session.refresh_token = encryption.encrypt(tokens.refresh_token)
    try:
        sign_in = verify_sign_in(
            conf.token_verifier(), tokens, client_id=settings.COGNITO_CLIENT_ID, nonce=SKIP
        )
    except WrongAccessToken:
        raise
    except TokenError as error:
        # The pool has not refused: a wrong clock or key set here is no reason to sign anyone out.
        log_unverifiable(error)
        raise MalformedAnswer(reason=f"the new tokens do not verify: {error.code}") from error
    user = browser_session.user
    if (sign_in.id_claims.issuer, sign_in.id_claims.sub) != (user.issuer, user.sub):
        raise WrongAccessToken
    return sign_in, tokens.access_token


def _end(request: HttpRequest, browser_session: BrowserSession, *, reason: str) -> None:
    BrowserSession.objects.filter(pk=browser_session.pk).delete()
    trail.record(
        request,
        trail.Action.RENEWAL,
        trail.Outcome.FAILURE,
        actor=browser_session.user,
        detail=reason,
    )


def _outlive(
    request: HttpRequest,
    browser_session: BrowserSession,
    error: CognitoUnavailable,
    now: datetime,
) -> BrowserSession | None:
    failing_since = browser_session.failing_since or now
    if now - failing_since > OUTAGE_LIMIT:
        _end(request, browser_session, reason=error.code)
        return None
    logger.warning(
        "A session could not be renewed. %s is unavailable: %s",
        error.dependency,
        error.reason or error.code,
        extra={"outage": error.dependency},
    )
    browser_session.failing_since = failing_since
    browser_session.ask_again_at = now + ASK_AGAIN_AFTER
    browser_session.save(update_fields=["refresh_token", "failing_since", "ask_again_at"])
    return browser_session
