"""What the pages of the directory have in common: as whom one acts, and how failure is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.console.directory import rights
from accounts.console.directory.console import Console
from accounts.console.directory.errors import FAILURES, Failure
from accounts.console.directory.operator import Operator
from accounts.models import Directory, User
from accounts.sessions.guards import signed_in_user
from cognito.errors import GroupNotFound, OperationNotSupported, UserNotFound

P = ParamSpec("P")


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
    error: Failure | None = None,
) -> HttpResponse:
    """A page of the admin. An `error`, if there is one, decides the status."""
    everything = {
        **admin.site.each_context(request),
        "title": title,
        "opts": Directory._meta,
        **context,
    }
    status = status if error is None else error.status
    response = render(request, f"admin/directory/{template}.html", everything, status=status)
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None and not isinstance(error, OperationNotSupported):
        response["Retry-After"] = str(retry_after)
    return response


def problem_page(request: HttpRequest, error: Failure) -> HttpResponse:
    """A page with nothing on it but what went wrong."""
    context = {"problem": str(error), "code": error.code}
    return page(request, "problem", "This did not work", context, error=error)


def show_failures(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Around a view: 404 for what is not in the pool, a page for what it or the rules refuse."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (UserNotFound, GroupNotFound) as error:
            raise Http404 from error
        except FAILURES as error:
            return problem_page(request, error)

    return guarded
