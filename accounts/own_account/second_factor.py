"""An authenticator app as second factor: is it on, set one up, switch it off.

Nothing of it is stored here. Cognito knows whether it is on, and is asked when the page is opened;
it keeps the secret too, and shows it once. Between the steps of the set-up the form carries it.
"""

from __future__ import annotations

import re
from functools import wraps
from http import HTTPStatus
from math import ceil

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import encryption
from accounts.audit import trail
from accounts.own_account.access import View, account_page, account_problem, own_account
from accounts.own_account.authenticator_app import AppSetUp
from accounts.rate_limits.limits import TOTP, Throttled, account_name, count_attempt
from accounts.sessions import browser_sessions
from accounts.sessions.guards import signed_in_user
from cognito.errors import CodeMismatch, InvalidParameter

PAGE = "accounts:second-factor"
SET_UP_SECONDS = 15 * 60

_CODE = re.compile(r"[0-9]{6}", re.ASCII)


@require_safe
@account_page
def second_factor(request: HttpRequest) -> HttpResponse:
    """Whether it is on, and what can be done about it."""
    is_on = own_account(request).profile().has_totp
    return render(request, "accounts/second_factor.html", {"is_on": is_on})


def posts_only(view: View) -> View:
    """Leads whoever opens an address of the set-up by hand to where the set-up begins."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        return view(request) if request.method == "POST" else redirect(PAGE)

    return guarded


@posts_only
@account_page
def set_up(request: HttpRequest) -> HttpResponse:
    """A new secret to scan or type; it counts once `confirm` was sent a code made with it."""
    return _app_page(request, own_account(request).begin_totp())


@posts_only
@account_page
def confirm(request: HttpRequest) -> HttpResponse:
    """From now on sign-ins ask for a code; or the same page again, and what is wrong."""
    try:
        secret = _unsealed(request.POST.get("set_up", ""), request)
    except encryption.UndecryptableToken:
        return account_problem(
            request,
            "This set-up is not in progress any more",
            "It took more than 15 minutes, or began in another session. Nothing has changed: "
            "begin again.",
            status=HTTPStatus.BAD_REQUEST,
        )
    # Apps show codes in two halves.
    code = "".join(request.POST.get("code", "").split())
    if _CODE.fullmatch(code) is None:
        return _app_page(request, secret, error="A code has six digits.")
    user = signed_in_user(request)
    account = account_name(issuer=user.issuer, sub=user.sub)
    try:
        with count_attempt(request, TOTP, account=account) as attempt:
            own_account(request).confirm_totp(code)
            attempt.succeeded()
    except Throttled as throttled:
        return _too_often(request, secret, throttled.wait)
    except CodeMismatch as wrong:
        error = f"{wrong.message} Enter the one that the app shows now."
        return _app_page(request, secret, error=error)
    trail.record(request, trail.Action.TOTP_ON, trail.Outcome.SUCCESS, actor=user)
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def switch_off(request: HttpRequest) -> HttpResponse:
    """Asks once; then sign-ins ask for no code any more."""
    if request.method != "POST":
        return render(request, "accounts/second_factor_off.html")
    try:
        own_account(request).end_totp()
    except InvalidParameter:
        # The only parameter is ours: what the pool does not take is that there be no factor.
        return account_problem(
            request,
            "The second factor stays on",
            "Everybody here signs in with one. You can set up another app instead.",
            status=HTTPStatus.CONFLICT,
        )
    user = signed_in_user(request)
    trail.record(request, trail.Action.TOTP_OFF, trail.Outcome.SUCCESS, actor=user)
    return redirect(PAGE)


def _app_page(
    request: HttpRequest, secret: str, *, error: str = "", status: HTTPStatus | None = None
) -> HttpResponse:
    user = signed_in_user(request)
    context = {
        "app": AppSetUp(user.email or user.sub, secret),
        "set_up": _sealed(secret, request),
        "error": error,
    }
    if status is None:
        status = HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK
    return render(request, "accounts/second_factor_app.html", context, status=status)


def _too_often(request: HttpRequest, secret: str, wait: float) -> HttpResponse:
    error = f"That was wrong too often. Try again in {ceil(wait / 60)} min."
    response = _app_page(request, secret, error=error, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(ceil(wait))
    return response


def _sealed(secret: str, request: HttpRequest) -> str:
    """For a form of this session: encrypted, so that nobody else's secret can be put into it."""
    return encryption.encrypt(f"{request.session[browser_sessions.SESSION_ID_KEY]} {secret}")


def _unsealed(sealed: str, request: HttpRequest) -> str:
    """Raises UndecryptableToken for what is too old, of another session, or not ours at all."""
    plain = encryption.decrypt(sealed, max_age_seconds=SET_UP_SECONDS)
    session_id, _, secret = plain.partition(" ")
    if session_id != request.session[browser_sessions.SESSION_ID_KEY]:
        raise encryption.UndecryptableToken
    return secret
