"""The page for a sign-in that did not come to its end."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.users import AccountSwitchedOff
from cognito.errors import (
    ClientRefused,
    CognitoError,
    CognitoUnavailable,
    GrantRefused,
    HostedUIUnavailable,
    InvalidTransaction,
    KeysUnavailable,
    MalformedAnswer,
    NoTimeLeft,
    SignInMisconfigured,
    SignInNotFinished,
    SignInRefused,
    Throttled,
)
from cognito.hosted_ui.endpoints import TOKEN_TOO_LONG

_EXPLANATIONS: dict[type[CognitoError], tuple[str, str]] = {
    AccountSwitchedOff: (
        "Your account is switched off here",
        "You signed in correctly, but an operator has closed this site to your account.",
    ),
    InvalidTransaction: (
        "This sign-in is not in progress any more",
        "It took more than 15 minutes, was finished in another tab, or began in another browser.",
    ),
    SignInRefused: (
        "You were not signed in",
        "The sign-in was cancelled or refused. Nothing has changed.",
    ),
    SignInNotFinished: (
        "You are not signed in yet",
        "The sign-in service needs something from you first: start again, and follow its pages.",
    ),
    SignInMisconfigured: (
        "The sign-in service refused this sign-in",
        "It is probably not your fault. If it happens again, tell the operators of this site.",
    ),
    GrantRefused: (
        "This sign-in has run out",
        "Its code was used already or is too old. Nothing has changed.",
    ),
    ClientRefused: (
        "Sign-in does not work at the moment",
        "This is not your fault: this site is not set up correctly. Its operators can see why.",
    ),
    Throttled: (
        "The sign-in service is busy",
        "This is not your fault. Try again in a minute.",
    ),
    HostedUIUnavailable: (
        "The sign-in service has a fault",
        "This is not your fault. Wait a moment, then try again.",
    ),
    NoTimeLeft: (
        "This took too long",
        "This site is slow at the moment. It is not your fault: wait a moment, then try again.",
    ),
    CognitoUnavailable: (
        "The sign-in service does not answer",
        "This is not your fault. Wait a moment, then try again.",
    ),
    CognitoError: (
        "This sign-in could not be verified",
        "What the sign-in service sent did not pass our checks, so nobody was signed in.",
    ),
}

_TOO_MANY_GROUPS = (
    "Your account is in too many groups",
    "This site does not accept a list of groups as long as yours. Ask an operator to shorten it.",
)


def sign_in_problem(
    request: HttpRequest, error: CognitoError, *, next_path: str | None = None
) -> HttpResponse:
    """A page that says what happened and offers to start again; 4xx, 502 or 503 by the cause."""
    title, advice = (
        _TOO_MANY_GROUPS
        if _is_too_long(error)
        else next(words for kind, words in _EXPLANATIONS.items() if isinstance(error, kind))
    )
    response = _page(request, title, advice, status=_status(error), next_path=next_path)
    if isinstance(error, CognitoUnavailable) and not _is_too_long(error):
        response["Retry-After"] = str(error.retry_after)
    return response


def too_many_failures(request: HttpRequest, *, wait: float) -> HttpResponse:
    """429 for an address that sign-ins keep failing from. `wait` is in seconds."""
    advice = (
        f"They came from your network. Nothing has changed: try again in {ceil(wait / 60)} min."
    )
    return _too_many(request, "Too many sign-ins have failed", advice, wait=wait)


def too_many_sign_ins(request: HttpRequest, *, wait: float) -> HttpResponse:
    """429 for an account that was signed in to too often. `wait` is in seconds."""
    advice = f"Nothing has changed: try again in {ceil(wait / 3600)} h."
    return _too_many(request, "This account was signed in to too often today", advice, wait=wait)


def _too_many(request: HttpRequest, title: str, advice: str, *, wait: float) -> HttpResponse:
    response = _page(
        request,
        title,
        advice,
        status=HTTPStatus.TOO_MANY_REQUESTS,
        next_path=None,
    )
    response["Retry-After"] = str(ceil(wait))
    return response


def _page(
    request: HttpRequest, title: str, advice: str, *, status: int, next_path: str | None
) -> HttpResponse:
    login_url = reverse("accounts:login")
    context = {
        "title": title,
        "advice": advice,
        "start_again_url": f"{login_url}?{urlencode({'next': next_path})}"
        if next_path
        else login_url,
        "request_id": getattr(request, "request_id", ""),
    }
    return render(request, "accounts/sign_in_problem.html", context, status=status)


def _is_too_long(error: CognitoError) -> bool:
    return isinstance(error, MalformedAnswer) and error.reason == TOKEN_TOO_LONG


def _status(error: CognitoError) -> int:
    if isinstance(error, AccountSwitchedOff) or _is_too_long(error):
        return HTTPStatus.FORBIDDEN
    if isinstance(error, Throttled | KeysUnavailable | NoTimeLeft):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, CognitoUnavailable):
        return HTTPStatus.BAD_GATEWAY
    return HTTPStatus.BAD_REQUEST
