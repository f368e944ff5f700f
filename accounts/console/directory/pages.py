"""Shared functions of the directory's pages: the operator, the page and its errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.console.directory import rights
from accounts.console.directory.actions import UserAction
from accounts.console.directory.console import Console
from accounts.console.directory.errors import FAILURES, Failure
from accounts.console.directory.operator import Operator
from accounts.language.words import message_of
from accounts.models import AbstractIdentity, Directory
from accounts.sessions.guards import signed_in_user
from cognito.directory.records import DirectoryUser
from cognito.errors import GroupNotFound, OperationNotSupported, UserNotFound

P = ParamSpec("P")


def console_of(request: HttpRequest) -> Console:
    """Return the console for the signed-in operator.

    Before a write, the guard of the admin (admin_guard) has updated the rights of the row.
    """
    return Console.of(request, operator_of(signed_in_user(request)))


def operator_of(row: AbstractIdentity) -> Operator:
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
    """Return a page of the admin. If there is an `error`, it decides the status."""
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


def address_of(user: DirectoryUser, action: UserAction | None = None) -> str:
    """Return the address of a user's page, or of an action on the user."""
    if action is None:
        return reverse("admin:accounts_directory_user", args=[user.username])
    return reverse("admin:accounts_directory_action", args=[user.username, action.name])


def problem_page(request: HttpRequest, error: Failure) -> HttpResponse:
    """Return a page that only shows an error."""
    match = request.resolver_match
    is_group = match is not None and (match.url_name or "").startswith("accounts_directory_group")
    context = {"problem": message_of(error), "code": error.code, "is_group": is_group}
    return page(request, "problem", _("The action failed"), context, error=error)


def show_failures(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Turn errors of a view into pages: a 404 for an unknown user or group, and a problem page."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (UserNotFound, GroupNotFound) as error:
            raise Http404 from error
        except FAILURES as error:
            return problem_page(request, error)

    return guarded
