"""What the pages of the directory have in common: as whom one acts, and how failure is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from math import ceil
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.console.directory import rights
from accounts.console.directory.console import Console
from accounts.console.directory.errors import NotAllowed, TooMuch
from accounts.console.directory.operator import Operator
from accounts.models import Directory, User
from accounts.sessions.guards import signed_in_user
from cognito.errors import (
    AccountExists,
    CodeNotDelivered,
    CognitoUnavailable,
    GroupNotFound,
    InvalidParameter,
    OperationNotSupported,
    RequestRefused,
    UserNotFound,
)

P = ParamSpec("P")

_WORDS = {
    AccountExists: "Somebody has this e-mail address already.",
    CodeNotDelivered: "No mail could be sent to this address.",
    InvalidParameter: "The user pool does not accept this.",
}


def console_of(request: HttpRequest) -> Console:
    """The directory with the rights of the signed-in operator.

    Before a write the guard of the admin has brought the row up to date (admin_guard).
    """
    return Console.of(request, operator_of(signed_in_user(request)))


def operator_of(row: User) -> Operator:
    return Operator(row, rights.of_row(row))


def page(
    request: HttpRequest,
    template: str,
    title: str,
    context: Mapping[str, Any],
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """A page of the admin."""
    everything = {
        **admin.site.each_context(request),
        "title": title,
        "opts": Directory._meta,
        **context,
    }
    return render(request, f"admin/directory/{template}.html", everything, status=status)


def problem_of(error: NotAllowed | RequestRefused | CognitoUnavailable) -> tuple[str, HTTPStatus]:
    """What to tell an operator, and the status to tell it with."""
    match error:
        case TooMuch():
            return error.message, HTTPStatus.TOO_MANY_REQUESTS
        case NotAllowed():
            return error.message, HTTPStatus.FORBIDDEN
        case OperationNotSupported():
            return str(error), HTTPStatus.NOT_IMPLEMENTED
        case CognitoUnavailable():
            return str(error), HTTPStatus.SERVICE_UNAVAILABLE
        case _:
            return _WORDS.get(type(error), error.message), HTTPStatus.CONFLICT


def problem_page(
    request: HttpRequest, error: NotAllowed | RequestRefused | CognitoUnavailable
) -> HttpResponse:
    """A page with nothing on it but what went wrong."""
    message, status = problem_of(error)
    context = {"problem": message, "code": error.code}
    response = page(request, "problem", "This did not work", context, status=status)
    return with_retry_after(response, error)


def with_retry_after(response: HttpResponse, error: object) -> HttpResponse:
    if isinstance(error, CognitoUnavailable) and not isinstance(error, OperationNotSupported):
        response["Retry-After"] = str(error.retry_after)
    elif isinstance(error, TooMuch):
        response["Retry-After"] = str(ceil(error.wait))
    return response


def says_what_fails(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Around a view: 404 for what is not in the pool, a page for what it or the rules refuse."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (UserNotFound, GroupNotFound) as error:
            raise Http404 from error
        except (NotAllowed, RequestRefused, CognitoUnavailable) as error:
            return problem_page(request, error)

    return guarded
