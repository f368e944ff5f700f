"""Pages and problem documents for errors that happen before or outside a view."""

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
        "This request is not valid",
        "This site does not know the address or the form that you sent. Go back and try again.",
    )


def other_address(request: HttpRequest) -> HttpResponse:
    """Answer 400 to another name of the developer's machine: cookies and sign-ins need one name."""
    detail = f"This site is at {settings.PUBLIC_URL}. Use that address instead."
    if _is_api_request(request):
        return replace(standard_problem(400), detail=detail).response(request)
    return _page(request, 400, "This site has another address", detail)


def https_required(request: HttpRequest) -> HttpResponse:
    """Answer 400 instead of a redirect that would lead to the same answer again."""
    detail = f"This request arrived over plain http. Use {settings.PUBLIC_URL} instead."
    if _is_api_request(request):
        return replace(standard_problem(400), detail=detail).response(request)
    advice = (
        f"{detail} If you did, this site is not configured for the proxy in front of it: its "
        "deployer must set TRUSTED_PROXY."
    )
    return _page(request, 400, "This site needs https", advice)


def refusal(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """Answer 413, 414 or 431 to a request with a part that is too long."""
    return _page(
        request,
        status,
        "This request is too large",
        "Its address, its form or one of its headers is longer than this site accepts. "
        "Send less, or delete the cookies of this site, and try again.",
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        403,
        "You may not open this page",
        "You are signed in, but your account does not have the rights that this page needs. "
        "If you need them, ask an operator to add you to the group.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        "This form has expired",
        "The form is from an earlier visit or from another site, so it was not used. "
        "Go back, reload the page and send the form again.",
    )


def method_not_allowed(request: HttpRequest, allow: str) -> HttpResponse:
    """Explain 405 to a visitor who opened the address of a form: Django's answer is empty."""
    response = _page(
        request,
        405,
        "This address belongs to a form",
        "Nothing was changed. Go back, or go to the start page, and use the button there. "
        "To sign out, use the button at the top of every page.",
    )
    response["Allow"] = allow
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        404,
        "Page not found",
        "The page may have moved, or the address may be misspelled. Check the address.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 if the database failed, because then another attempt may succeed."""
    # PostgreSQL reports with an InternalError that it accepts no writes at the moment.
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError | InternalError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
        title = "This site is not available right now"
        advice = "Our database does not answer. Wait a moment, then try again."
    else:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        title = "Something went wrong on our side"
        advice = (
            "The error is in the log. Try again in a moment. If it happens again, report this "
            "number."
        )
    if _is_api_request(request):
        response = standard_problem(status).response(request)
    else:
        # Without the request, because its user would need another query of the database.
        content = render_to_string("error.html", _context(request, status, title, advice))
        response = HttpResponse(content, status=status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = "10"
    return response


def _page(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    if _is_api_request(request):
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


def _is_api_request(request: HttpRequest) -> bool:
    return request.path_info.startswith(API_PREFIX)
