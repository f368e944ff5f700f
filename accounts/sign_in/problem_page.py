"""The page for a sign-in that failed."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import conf
from accounts.language.words import advice_of, title_of
from accounts.sessions.guards import identity_of
from accounts.sign_in.revoked_sign_ins import SignInRevoked
from cognito.errors import (
    CognitoError,
    CognitoUnavailable,
    GrantRefused,
    KeysUnavailable,
    NoTimeLeft,
    SignInNotFinished,
    SignInRefused,
    Throttled,
    TokenError,
    TokenTooLong,
)
from cognito.hosted_ui.endpoints import logout_url

_NOT_VERIFIED = (
    gettext_lazy("This sign-in could not be verified"),
    gettext_lazy(
        "The answer of the sign-in service did not pass our checks, so you are not signed in."
    ),
)

# The words of these errors address visitors, who are not signed in.
_NOT_CONFIRMED: dict[type[CognitoError], tuple[Promise, Promise]] = {
    SignInRefused: (
        gettext_lazy("You did not sign in again"),
        gettext_lazy("The sign-in was cancelled or refused."),
    ),
    SignInNotFinished: (
        gettext_lazy("You have not signed in again yet"),
        gettext_lazy(
            "The sign-in service needs something from you first. Try again, and follow its pages."
        ),
    ),
    GrantRefused: (
        gettext_lazy("This sign-in has expired"),
        gettext_lazy("Its code was used already or is too old."),
    ),
}


def sign_in_problem(
    request: HttpRequest, error: CognitoError, *, next_path: str | None = None
) -> HttpResponse:
    """Return a page with the cause and a link to start again. Its status is 4xx, 502 or 503."""
    # The words of a TokenError address the sender of the token, which is not the user here.
    title, advice = (
        _NOT_VERIFIED if isinstance(error, TokenError) else (title_of(error), advice_of(error))
    )
    status = _status(error)
    start_again_url = (
        # The hosted UI's session is of the sign-in that ended, and would issue another code of it.
        logout_url(conf.web_client()) if isinstance(error, SignInRevoked) else _login_url(next_path)
    )
    response = _page(request, title, advice, status=status, start_again_url=start_again_url)
    if isinstance(error, CognitoUnavailable) and status != HTTPStatus.FORBIDDEN:
        response["Retry-After"] = str(error.retry_after)
    return response


def confirmation_problem(
    request: HttpRequest, error: CognitoError, *, start_again_url: str
) -> HttpResponse:
    """Return a page for a session that was not confirmed. The user is still signed in."""
    title, advice = _NOT_CONFIRMED.get(type(error), (title_of(error), advice_of(error)))
    if isinstance(error, TokenError):
        title = _NOT_VERIFIED[0]
        advice = _("The answer of the sign-in service failed our checks.")
    still = _("You are still signed in as %(user)s, and nothing has changed.")
    advice = f"{still % {'user': identity_of(request)}} {advice}"
    status = _status(error)
    response = _page(request, title, advice, status=status, start_again_url=start_again_url)
    if isinstance(error, CognitoUnavailable) and status != HTTPStatus.FORBIDDEN:
        response["Retry-After"] = str(error.retry_after)
    return response


def too_many_failures(request: HttpRequest, *, wait: float) -> HttpResponse:
    """Return a 429 for an address with too many failed sign-ins. `wait` is in seconds."""
    advice = _(
        "They came from your network. Nothing has changed. Try again in %(minutes)s min."
    ) % {"minutes": ceil(wait / 60)}
    return _too_many(request, _("Too many sign-ins have failed"), advice, wait=wait)


def too_many_sign_ins(request: HttpRequest, *, wait: float) -> HttpResponse:
    """Return a 429 for an account with too many sign-ins. `wait` is in seconds."""
    advice = _("Nothing has changed. Try again in %(hours)s h.") % {"hours": ceil(wait / 3600)}
    return _too_many(request, _("Too many sign-ins to this account today"), advice, wait=wait)


def _too_many(request: HttpRequest, title: str, advice: str, *, wait: float) -> HttpResponse:
    response = _page(
        request,
        title,
        advice,
        status=HTTPStatus.TOO_MANY_REQUESTS,
        start_again_url=_login_url(None),
    )
    response["Retry-After"] = str(ceil(wait))
    return response


def _page(
    request: HttpRequest,
    title: str | Promise,
    advice: str | Promise,
    *,
    status: int,
    start_again_url: str,
) -> HttpResponse:
    context = {
        "title": title,
        "advice": advice,
        "start_again_url": start_again_url,
        "request_id": getattr(request, "request_id", ""),
    }
    return render(request, "gatehouse/sign_in_problem.html", context, status=status)


def _login_url(next_path: str | None) -> str:
    login_url = reverse("accounts:login")
    return f"{login_url}?{urlencode({'next': next_path})}" if next_path else login_url


def _status(error: CognitoError) -> HTTPStatus:
    match error:
        case TokenError():
            return HTTPStatus.BAD_REQUEST
        case TokenTooLong():
            return HTTPStatus.FORBIDDEN
        case Throttled() | KeysUnavailable() | NoTimeLeft():
            return error.status
        case CognitoUnavailable():
            return HTTPStatus.BAD_GATEWAY
    return error.status
