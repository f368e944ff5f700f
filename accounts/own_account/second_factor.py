"""Pages to set up and switch off an authenticator app as second factor.

This application stores nothing about it. The page asks Cognito whether it is on. Cognito also
stores the secret and returns it only once, so the form carries it, encrypted, through the set-up.
"""

from __future__ import annotations

import re
from functools import wraps
from http import HTTPStatus
from math import ceil

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import encryption
from accounts.audit import trail
from accounts.language.words import message_of
from accounts.own_account.access import View, account_page, account_problem, own_account
from accounts.own_account.authenticator_app import AppSetUp
from accounts.rate_limits.limits import TOTP, LimitReached, account_name, count_attempt
from accounts.sessions import browser_sessions
from accounts.sessions.guards import signed_in_user
from accounts.step_up.guards import confirm_first, recent_authentication
from cognito.errors import CodeMismatch, InvalidParameter

PAGE = "accounts:second-factor"
SET_UP_SECONDS = 15 * 60

_CODE = re.compile(r"[0-9]{6}", re.ASCII)


@require_safe
@account_page
def second_factor(request: HttpRequest) -> HttpResponse:
    """Show whether an authenticator app is on."""
    is_on = own_account(request).profile().has_totp
    return render(request, "gatehouse/second_factor.html", {"is_on": is_on})


def posts_only(view: View) -> View:
    """Redirect a GET of a step of the set-up to its beginning."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        return view(request) if request.method == "POST" else redirect(PAGE)

    return guarded


@posts_only
@account_page
@recent_authentication(acr="")
def set_up(request: HttpRequest) -> HttpResponse:
    """Show a new secret. `confirm` activates it with a code of the app.

    A user without a second factor cannot reach a level that needs one, so only the replacement of
    an app needs the level of the settings.
    """
    account = own_account(request)
    if settings.COGNITO_STEP_UP_ACR and account.profile().has_totp:
        answer = confirm_first(request)
        if answer is not None:
            return answer
    secret = account.begin_totp()
    return _app_page(request, secret, _sealed(secret, request))


@posts_only
@account_page
def confirm(request: HttpRequest) -> HttpResponse:
    """Switch the app on if the code is right. Otherwise show the page again with the error.

    The form is evidence of a recent sign-in: `set_up` encrypted it for this session, and it
    expires. A user who installs an app first need not sign in again in the middle of it. A wrong
    code does not extend the time, so the page has the same evidence again.
    """
    sealed = request.POST.get("set_up", "")
    try:
        secret = _unsealed(sealed, request)
    except encryption.UndecryptableToken:
        return account_problem(
            request,
            _("This set-up has expired"),
            _(
                "It took more than 15 minutes, or began in another session. Nothing has changed. "
                "Begin again."
            ),
            status=HTTPStatus.BAD_REQUEST,
        )
    # Apps show codes in two halves, with a space between them.
    code = "".join(request.POST.get("code", "").split())
    if _CODE.fullmatch(code) is None:
        return _app_page(request, secret, sealed, error=_("A code has six digits."))
    user = signed_in_user(request)
    account = account_name(issuer=user.issuer, sub=user.sub)
    try:
        with count_attempt(request, TOTP, account=account) as attempt:
            own_account(request).confirm_totp(code)
            attempt.succeeded()
    except LimitReached as throttled:
        return _too_often(request, secret, sealed, throttled.wait)
    except CodeMismatch as wrong:
        error = f"{message_of(wrong)} " + _("Enter the code that the app shows now.")
        return _app_page(request, secret, sealed, error=error)
    trail.record(request, trail.Action.TOTP_ON, trail.Outcome.SUCCESS, actor=user)
    messages.success(request, _("The authenticator app is on."))
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
@recent_authentication()
def switch_off(request: HttpRequest) -> HttpResponse:
    """Switch the app off after a confirmation."""
    if request.method != "POST":
        return render(request, "gatehouse/second_factor_off.html")
    try:
        own_account(request).end_totp()
    except InvalidParameter:
        # The call has no parameter of the user's: the pool requires a second factor.
        return account_problem(
            request,
            _("The second factor stays on"),
            _("This site requires a second factor. You can set up another app instead."),
            status=HTTPStatus.CONFLICT,
        )
    user = signed_in_user(request)
    trail.record(request, trail.Action.TOTP_OFF, trail.Outcome.SUCCESS, actor=user)
    messages.success(request, _("The authenticator app is off."))
    return redirect(PAGE)


def _app_page(
    request: HttpRequest,
    secret: str,
    sealed: str,
    *,
    error: str = "",
    status: HTTPStatus | None = None,
) -> HttpResponse:
    user = signed_in_user(request)
    context = {
        "app": AppSetUp(user.email or user.sub, secret),
        "set_up": sealed,
        "error": error,
    }
    if status is None:
        status = HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK
    return render(request, "gatehouse/second_factor_app.html", context, status=status)


def _too_often(request: HttpRequest, secret: str, sealed: str, wait: float) -> HttpResponse:
    error = _("Too many wrong codes. Try again in %(minutes)d min.") % {"minutes": ceil(wait / 60)}
    response = _app_page(request, secret, sealed, error=error, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(ceil(wait))
    return response


def _sealed(secret: str, request: HttpRequest) -> str:
    """Encrypt the secret for a form of this session, so that no other secret can replace it."""
    return encryption.encrypt(f"{request.session[browser_sessions.SESSION_ID_KEY]} {secret}")


def _unsealed(sealed: str, request: HttpRequest) -> str:
    """Decrypt the secret. Raises UndecryptableToken if it is too old or of another session."""
    plain = encryption.decrypt(sealed, max_age_seconds=SET_UP_SECONDS)
    session_id, _, secret = plain.partition(" ")
    if session_id != request.session[browser_sessions.SESSION_ID_KEY]:
        raise encryption.UndecryptableToken
    return secret
