"""Sign-in: redirect to the hosted UI, and handle its callback."""

from __future__ import annotations

import logging
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.views.decorators.http import require_GET

from accounts import conf, process, users
from accounts.audit import trail
from accounts.language.choice import hosted_ui_language
from accounts.rate_limits import limits
from accounts.rate_limits.limits import Counted
from accounts.sessions import browser_sessions
from accounts.sessions.guards import identity_of, sign_in_first
from accounts.sign_in import confirmation, login_transactions
from accounts.sign_in.next_url import safe_next_path
from accounts.sign_in.problem_page import sign_in_problem, too_many_failures, too_many_sign_ins
from accounts.sign_in.revoked_sign_ins import demand_not_revoked
from accounts.site_paths import home_url
from cognito.errors import (
    CognitoError,
    CognitoUnavailable,
    InvalidTransaction,
    MalformedAnswer,
    SignInRefused,
    TokenError,
    TokenExpired,
    TokenNotYetValid,
)
from cognito.hosted_ui import endpoints
from cognito.hosted_ui.authorization_errors import authorization_error
from cognito.hosted_ui.login_transaction import LoginTransaction
from cognito.hosted_ui.verified_sign_in import (
    VerifiedSignIn,
    log_wrong_clock,
    verify_sign_in,
)
from cognito.hosted_ui.web_client import WebClient
from cognito.tokens.pool_issuer import PoolIssuer

logger = logging.getLogger(__name__)

# Genuine codes and states are far shorter.
MAX_PARAMETER_LENGTH = 2048


# HEAD is not allowed, because it would begin or use up a transaction that no browser continues.
@require_GET
def login(request: HttpRequest) -> HttpResponse:
    """Redirect to the hosted UI's sign-in page."""
    return _start(request, endpoints.authorize_url)


@require_GET
def sign_up(request: HttpRequest) -> HttpResponse:
    """Redirect to the hosted UI's sign-up page."""
    return _start(request, endpoints.sign_up_url)


class _StartUrl(Protocol):
    def __call__(
        self, client: WebClient, transaction: LoginTransaction, *, language: str
    ) -> str: ...


def _start(request: HttpRequest, start_url: _StartUrl) -> HttpResponse:
    home = home_url()
    next_path = safe_next_path(request.GET.get("next", ""), default=home)
    if identity_of(request) is not None and next_path == home:
        return HttpResponseRedirect(home)
    login_transaction = login_transactions.begin(next_path)
    language = hosted_ui_language(request)
    url = start_url(conf.web_client(), login_transaction, language=language)
    response = HttpResponseRedirect(url)
    login_transactions.remember(response, request, login_transaction)
    return response


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Handle the callback of the hosted UI (RFC 6749 section 4.1.2)."""
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        # A prefetch must not use up the code, which the visit itself needs.
        return HttpResponse(status=503)
    try:
        unverified_state = _only(request.GET, "state")
    except InvalidTransaction as error:
        return _problem_without_state(request, error)
    try:
        login_transaction = login_transactions.resume(request, unverified_state)
        # The request counts as a failure until the sign-in has succeeded.
        failure = limits.count_request(request, "callback", limits.CALLBACK)
        login_transactions.use_up(login_transaction)
    except limits.LimitReached as throttled:
        return too_many_failures(request, wait=throttled.wait)
    except InvalidTransaction as error:
        if identity_of(request) is not None:
            # A second tab, a reload or the back button: this browser is signed in already.
            return HttpResponseRedirect(home_url())
        return sign_in_problem(request, error)
    response = _answer(request, login_transaction, failure)
    login_transactions.drop(response, login_transaction)
    return response


def _answer(
    request: HttpRequest, login_transaction: LoginTransaction, failure: Counted
) -> HttpResponse:
    """Begin a session, or confirm the user of one. Return where to go next, or a problem page."""
    confirms = login_transaction.requirement is not None
    if confirms and identity_of(request) is None:
        # The session has ended meanwhile. The code stays unused, and the user signs in instead.
        return sign_in_first(request, next_path=login_transaction.next_path)
    try:
        finish = confirmation.finish if confirms else _finish
        finish(request, login_transaction, _code(request.GET), failure)
    except limits.AccountLimitReached as throttled:
        return too_many_sign_ins(request, wait=throttled.wait)
    except CognitoError as error:
        if not _can_be_made_up(request, error):
            failure.take_back()
        if isinstance(error, TokenError):
            log_wrong_clock(error)
        if confirms:
            return confirmation.failed(request, login_transaction, error)
        _record_failure(request, error)
        return sign_in_problem(request, error, next_path=login_transaction.next_path)
    return HttpResponseRedirect(login_transaction.next_path)


def _problem_without_state(request: HttpRequest, error: CognitoError) -> HttpResponse:
    """Show the error that the hosted UI reports, without knowing for which sign-in."""
    if "error" not in request.GET:
        if "state" not in request.GET and identity_of(request) is not None:
            # Managed login returns like this after it has created a passkey. A code is not used.
            return HttpResponseRedirect(resolve_url("accounts:sign-in-methods"))
        return sign_in_problem(request, error)
    try:
        # These have a separate counter. Another site can make a visitor's browser open such
        # addresses, and must not be able to lock the visitor out.
        limits.count_request(request, "callback without a sign-in", limits.CALLBACK)
    except limits.LimitReached as throttled:
        return too_many_failures(request, wait=throttled.wait)
    error = _authorization_error(request.GET)
    _record_failure(request, error)
    return sign_in_problem(request, error)


def _record_failure(request: HttpRequest, error: CognitoError) -> None:
    reason = getattr(error, "reason", "") or error.code
    outage = getattr(error, "dependency", "")
    logger.warning("A sign-in failed: %s", reason, extra={"outage": outage})
    trail.record(request, trail.Action.SIGN_IN, trail.Outcome.FAILURE, detail=reason)


def _can_be_made_up(request: HttpRequest, error: CognitoError) -> bool:
    """Return whether a visitor can cause this failure at will, so that it must be counted."""
    if "error" in request.GET:
        return True
    # A malformed answer can be the result of a forged code.
    if isinstance(error, MalformedAnswer):
        return True
    return not isinstance(error, CognitoUnavailable | TokenNotYetValid | TokenExpired)


def _finish(
    request: HttpRequest, login_transaction: LoginTransaction, code: str, failure: Counted
) -> None:
    """Exchange the code and begin a session."""
    client = conf.web_client()
    with process.current.metrics.calling("TokenEndpoint"):
        tokens = endpoints.exchange_code(
            client, code=code, code_verifier=login_transaction.code_verifier
        )
    sign_in = verify_sign_in(
        process.current.verification.verifier,
        tokens,
        client_id=client.app_client.id,
        nonce=login_transaction.nonce,
    )
    account = limits.account_name(issuer=sign_in.id_claims.issuer, sub=sign_in.id_claims.sub)
    limits.count_account("completed sign-in", limits.SIGN_INS, account=account)
    with transaction.atomic():
        begin_session(request, sign_in, refresh_token=tokens.refresh_token)
        failure.take_back()


def begin_session(
    request: HttpRequest, sign_in: VerifiedSignIn, *, refresh_token: str | None
) -> None:
    """Sign in the user of verified tokens. Call it inside a transaction. Raises SignInError."""
    browser_sessions.lock_current(request)
    user = users.sync_user(sign_in.id_claims, request=request)
    demand_not_revoked(sign_in.access_claims)
    browser_sessions.begin(request, user, sign_in, refresh_token=refresh_token)
    trail.record(request, trail.Action.SIGN_IN, trail.Outcome.SUCCESS, actor=user)


def _code(parameters: QueryDict) -> str:
    pool = PoolIssuer(settings.COGNITO_ISSUER)
    if "iss" in parameters and _only(parameters, "iss") not in pool.names:
        # RFC 9207: the answer is from another server.
        raise InvalidTransaction
    if "error" in parameters:
        raise _authorization_error(parameters)
    return _only(parameters, "code")


def _authorization_error(parameters: QueryDict) -> CognitoError:
    values = parameters.getlist("error")
    # The hosted UI never sends two errors, or an error and a code.
    if len(values) != 1 or "code" in parameters:
        return SignInRefused()
    return authorization_error(values[0])


def _only(parameters: QueryDict, name: str) -> str:
    """Return the only value of a parameter. RFC 6749 section 3.1 forbids repeated parameters.

    Raises:
        InvalidTransaction: it is missing, repeated, too long or not printable ASCII.
    """
    values = parameters.getlist(name)
    if len(values) != 1 or not 0 < len(values[0]) <= MAX_PARAMETER_LENGTH:
        raise InvalidTransaction
    if not values[0].isascii() or not values[0].isprintable():
        raise InvalidTransaction
    return values[0]
