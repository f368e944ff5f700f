"""The pages and problem documents for what went wrong before or outside a view."""

from __future__ import annotations

import sys
from dataclasses import replace
from http import HTTPStatus

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from api.problems import standard_problem
from api.wire.middleware import API_PREFIX


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        400,
        "That request made no sense",
        "The address or form you sent is not one this site understands. Go back and try again.",
    )


def other_address(request: HttpRequest) -> HttpResponse:
    """400 for another name of the developer's own machine: cookies and sign-ins need one name."""
    detail = f"This site is at {settings.PUBLIC_URL}. Use that address instead."
    if _is_for_a_program(request):
        return replace(standard_problem(400), detail=detail).response(request)
    return _page(request, 400, "This site has another address", detail)


def https_required(request: HttpRequest) -> HttpResponse:
    """400 instead of a redirect, where a redirect would lead to the same answer again."""
    detail = f"This request arrived over plain http. Use {settings.PUBLIC_URL} instead."
    if _is_for_a_program(request):
        return replace(standard_problem(400), detail=detail).response(request)
    advice = (
        f"{detail} If you did, the proxy in front of this site is not set up: its deployer must "
        "set TRUSTED_PROXY."
    )
    return _page(request, 400, "This site needs https", advice)


def refusal(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """A request with a part that is too long: 413, 414 or 431."""
    return _page(
        request,
        status,
        "That request is too large",
        "Its address, its form or one of its headers is longer than this site accepts. "
        "Send less, or delete this site's cookies, and try again.",
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        403,
        "You may not open this page",
        "You are signed in, but your account does not have the rights this page needs. "
        "If you think it should, ask an operator to add you to the right group.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        "This form is out of date",
        "The form came from an older visit or from another site, so it was not used. "
        "Go back, reload the page and send the form again.",
    )


def method_not_allowed(request: HttpRequest, allow: str) -> HttpResponse:
    """A page in place of Django's empty answer, to a visitor who opened the address of a form."""
    response = _page(
        request,
        405,
        "This address belongs to a form",
        "Opening it has done nothing. Go back, or go home, and use the button there. "
        "To sign out, use the button at the top of every page.",
    )
    response["Allow"] = allow
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        404,
        "There is nothing here",
        "The page may have moved, or the address has a typing mistake.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 where the database is what failed, for then trying again may help."""
    # A PostgreSQL that takes no writes just now says so with an InternalError.
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError | InternalError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
        title = "This site is not available right now"
        advice = "Our database does not answer. Wait a moment, then try again."
    else:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        title = "Something went wrong on our side"
        advice = (
            "It has been noted. Try again in a moment; if it keeps happening, quote this number."
        )
    if _is_for_a_program(request):
        response = standard_problem(status).response(request)
    else:
        # Without the request: who is signed in would be one more question to the database.
        content = render_to_string("error.html", _context(request, status, title, advice))
        response = HttpResponse(content, status=status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = "10"
    return response


def _page(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    if _is_for_a_program(request):
        return standard_problem(status).response(request)
    context = _context(request, status, title, advice)
    return render(request, "error.html", context, status=status)


def _context(request: HttpRequest, status: int, title: str, advice: str) -> dict[str, str | int]:
    return {
        "status": int(status),
        "title": title,
        "advice": advice,
        "request_id": getattr(request, "request_id", ""),
    }


def _is_for_a_program(request: HttpRequest) -> bool:
    return request.path_info.startswith(API_PREFIX)
