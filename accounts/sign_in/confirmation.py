"""Confirm the user of a browser session by a new sign-in at the hosted UI (RFC 9470).

The session stays: its row, its user and its CSRF token. Only its authentication context changes,
and the refresh token of the new sign-in replaces the former one, which is revoked.
"""

from __future__ import annotations

import logging
import re

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import conf, encryption, process
from accounts.audit import trail
from accounts.language.choice import hosted_ui_language
from accounts.models import BrowserSession
from accounts.rate_limits import limits
from accounts.rate_limits.limits import Counted
from accounts.sessions import authentication
from accounts.sessions.browser_sessions import SESSION_ID_KEY
from accounts.sessions.guards import identity_of, sign_in_first, signed_in_user
from accounts.sign_in import login_transactions
from accounts.sign_in.next_url import safe_next_path
from accounts.sign_in.problem_page import confirmation_problem
from accounts.step_up.guards import confirm_url
from accounts.step_up.requirements import requirement
from cognito import deadlines
from cognito.errors import (
    AnotherUser,
    CognitoError,
    InvalidTransaction,
    SignInNotFinished,
    SignInNotRecent,
    SignInTooWeak,
)
from cognito.hosted_ui import endpoints
from cognito.hosted_ui.login_transaction import LoginTransaction
from cognito.hosted_ui.verified_sign_in import VerifiedSignIn, verify_sign_in
from cognito.tokens.authentication import TOO_WEAK, Requirement, context_of

logger = logging.getLogger(__name__)

_SECONDS = re.compile(r"[1-9][0-9]{0,7}", re.ASCII)


# HEAD is not allowed, as for a sign-in.
@require_GET
def confirm(request: HttpRequest) -> HttpResponse:
    """Redirect a signed-in user to the hosted UI, which asks for a new sign-in.

    `max_age` and `acr_values` are those of the view that `next` names, which checks them itself: a
    link with other values leads only to another sign-in.
    """
    next_path = safe_next_path(request.GET.get("next", ""), default=resolve_url("accounts:profile"))
    if identity_of(request) is None:
        return sign_in_first(request, next_path=next_path)
    login_transaction = login_transactions.begin(next_path, requirement=_demanded(request.GET))
    url = endpoints.authorize_url(
        conf.web_client(), login_transaction, language=hosted_ui_language(request)
    )
    response = HttpResponseRedirect(url)
    login_transactions.remember(response, request, login_transaction)
    return response


def finish(
    request: HttpRequest, login_transaction: LoginTransaction, code: str, failure: Counted
) -> None:
    """Exchange the code, and raise the context of the session if everything is as demanded.

    Raises:
        SignInError: AnotherUser, SignInNotRecent or SignInTooWeak, or an error of the exchange. The
            session is unchanged, and the new refresh token is revoked.
        TokenError, CognitoUnavailable: as for a sign-in.
        AccountLimitReached: the account has too many sign-ins.
    """
    client = conf.web_client()
    with process.current.metrics.calling("TokenEndpoint"):
        tokens = endpoints.exchange_code(
            client, code=code, code_verifier=login_transaction.code_verifier
        )
    # If anything fails, the tokens of the new sign-in belong to no session.
    unused = tokens.refresh_token
    try:
        sign_in = verify_sign_in(
            process.current.verification.verifier,
            tokens,
            client_id=client.app_client.id,
            nonce=login_transaction.nonce,
        )
        _demand(request, login_transaction.requirement, sign_in)
        unused = _replace_refresh_token(request, sign_in, tokens.refresh_token, failure)
        authentication.record(request, sign_in.id_claims)
        # A session key from before must be worthless afterwards (OWASP ASVS 7.2.4).
        request.session.cycle_key()
    finally:
        _revoke(unused)


def failed(
    request: HttpRequest, login_transaction: LoginTransaction, error: CognitoError
) -> HttpResponse:
    """Record why the session was not confirmed, and return a page that says so."""
    demanded = login_transaction.requirement or requirement()
    if isinstance(error, SignInNotFinished) and "unmet_authentication" in error.reason:
        error = SignInTooWeak(reason=error.reason)
    reason = getattr(error, "reason", "") or error.code
    outage = getattr(error, "dependency", "")
    logger.warning("A session was not confirmed: %s", reason, extra={"outage": outage})
    actor = signed_in_user(request)
    trail.record(request, trail.Action.STEP_UP, trail.Outcome.FAILURE, actor=actor, detail=reason)
    start_again_url = confirm_url(demanded, login_transaction.next_path)
    return confirmation_problem(request, error, start_again_url=start_again_url)


def _demanded(query: QueryDict) -> Requirement:
    """Return the requirement in the address, or that of the settings if it is malformed."""
    seconds = query.get("max_age", "")
    try:
        return requirement(
            seconds=int(seconds) if _SECONDS.fullmatch(seconds) else None,
            acr=query.get("acr_values"),
        )
    except ValueError:
        return requirement()


def _demand(request: HttpRequest, demanded: Requirement | None, sign_in: VerifiedSignIn) -> None:
    """Check that the same user has signed in, recently and strongly enough."""
    user, claims = signed_in_user(request), sign_in.id_claims
    if (claims.issuer, claims.sub) != (user.issuer, user.sub):
        raise AnotherUser
    if demanded is None:
        raise InvalidTransaction
    shortfall = demanded.shortfall(context_of(claims), now=timezone.now().timestamp())
    if shortfall == TOO_WEAK:
        raise SignInTooWeak(reason=f"{SignInTooWeak.code}: {shortfall}")
    if shortfall:
        raise SignInNotRecent(reason=f"{SignInNotRecent.code}: {shortfall}")
    account = limits.account_name(issuer=claims.issuer, sub=claims.sub)
    limits.count_account("completed sign-in", limits.SIGN_INS, account=account)


def _replace_refresh_token(
    request: HttpRequest,
    sign_in: VerifiedSignIn,
    refresh_token: str | None,
    failure: Counted,
) -> str | None:
    """Store the new refresh token, and record the confirmation. Return the former token.

    The row is read after locking it, because a renewal may have rotated the former token.
    """
    with transaction.atomic():
        rows = BrowserSession.objects.select_for_update(of=("self",))
        browser_session = rows.filter(pk=request.session[SESSION_ID_KEY]).first()
        if browser_session is None:
            # Another request has signed this device out.
            raise InvalidTransaction
        former = browser_session.refresh_token
        if refresh_token is not None:
            browser_session.refresh_token = encryption.encrypt(refresh_token)
            browser_session.origin_jti = sign_in.access_claims.origin_jti or ""
            browser_session.device_key = sign_in.device_key
            browser_session.save(update_fields=["refresh_token", "origin_jti", "device_key"])
        trail.record(
            request, trail.Action.STEP_UP, trail.Outcome.SUCCESS, actor=signed_in_user(request)
        )
        failure.take_back()
    return _decrypted(former) if refresh_token is not None else None


def _decrypted(encrypted: str) -> str | None:
    try:
        return encryption.decrypt(encrypted) if encrypted else None
    except encryption.UndecryptableToken:
        return None


def _revoke(refresh_token: str | None) -> None:
    """Revoke a refresh token that no session has. A failure is logged, and changes nothing else."""
    if not refresh_token:
        return
    try:
        conf.user_pool(deadline_seconds=deadlines.SHARED_CALL_SECONDS).revoke(refresh_token)
    except CognitoError as error:
        outage = getattr(error, "dependency", "")
        logger.warning(
            "A refresh token was not revoked after a confirmation: %s",
            error,
            extra={"outage": outage},
        )
