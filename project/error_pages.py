"""Pages and problem documents for errors that happen before or outside a view."""

from __future__ import annotations

import sys
from dataclasses import replace
from http import HTTPStatus
from math import ceil
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.language.words import message_of
from api.problems import Problem, standard_problem
from api.wire.exception_handler import translate
from api.wire.middleware import API_PREFIX
from cognito.errors import CognitoError

_TOO_LARGE: Final = (
    gettext_lazy("This request is too large"),
    gettext_lazy(
        "Its address, its form or one of its headers is longer than this site accepts. "
        "Send less, or delete the cookies of this site, and try again."
    ),
)
_UNAVAILABLE: Final = (
    gettext_lazy("This site is not available right now"),
    gettext_lazy("A service that it needs does not answer. Wait a moment, then try again."),
)
# The title, and what the visitor can do next.
PAGES: Final = {
    400: (
        gettext_lazy("This request is not valid"),
        gettext_lazy(
            "This site does not know the address or the form that you sent. Go back and try again."
        ),
    ),
    403: (
        gettext_lazy("You may not open this page"),
        gettext_lazy(
            "You are signed in, but your account does not have the rights that this page needs. "
            "If you need them, ask an operator to add you to the group."
        ),
    ),
    404: (
        gettext_lazy("Page not found"),
        gettext_lazy(
            "The page may have moved, or the address may be misspelled. Check the address."
        ),
    ),
    # A visitor has opened the address of a form.
    405: (
        gettext_lazy("This address belongs to a form"),
        gettext_lazy(
            "Nothing was changed. Go back, or go to the start page, and use the button there. "
            "If you are signed in and want to sign out, use the button at the top of this page."
        ),
    ),
    409: (
        gettext_lazy("This has changed in the meantime"),
        gettext_lazy("Nothing was changed now. Go back, reload the page and try again."),
    ),
    410: (
        gettext_lazy("This page no longer exists"),
        gettext_lazy("It was deleted or has expired. Go to the start page to find a newer one."),
    ),
    413: _TOO_LARGE,
    414: _TOO_LARGE,
    415: (
        gettext_lazy("This form is in an unknown format"),
        gettext_lazy("Nothing was changed. Go back and send the form of the page itself."),
    ),
    429: (
        gettext_lazy("Too many requests"),
        gettext_lazy("Many requests came from you or your network. Wait a moment, then try again."),
    ),
    431: _TOO_LARGE,
    500: (
        gettext_lazy("Something went wrong on our side"),
        gettext_lazy(
            "The error is in the log. Try again in a moment. If it happens again, report this "
            "number."
        ),
    ),
    501: (
        gettext_lazy("This is not possible here"),
        gettext_lazy(
            "The user directory of this site does not support it. Go back and choose something "
            "else."
        ),
    ),
    502: (
        gettext_lazy("Another service gave no valid answer"),
        gettext_lazy(
            "This site works, but a service that it needs does not. Try again in a moment."
        ),
    ),
    503: _UNAVAILABLE,
    504: _UNAVAILABLE,
}
# With these, the same request can succeed later.
PASSING: Final = frozenset({429, 500, 502, 503, 504})


def error_page(
    request: HttpRequest, status: int, *, title: str = "", advice: str = ""
) -> HttpResponse:
    """Answer with the page of the status, or with a problem to a request of the API.

    Args:
        title, advice: words that fit the case better than those of the status.
    """
    if _is_api_request(request):
        return standard_problem(status).response(request)
    context = _context(request, status, title, advice)
    return render(request, "gatehouse/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 400)


def other_address(request: HttpRequest) -> HttpResponse:
    """Answer 400 to another name of the developer's machine: cookies and sign-ins need one name."""
    detail = _("This site is at %(address)s. Use that address instead.") % {
        "address": settings.PUBLIC_URL
    }
    if _is_api_request(request):
        return replace(standard_problem(400), detail=detail).response(request)
    return error_page(request, 400, title=_("This site has another address"), advice=detail)


def https_required(request: HttpRequest) -> HttpResponse:
    """Answer 400 instead of a redirect that would lead to the same answer again."""
    detail = _("This request arrived over plain http. Use %(address)s instead.") % {
        "address": settings.PUBLIC_URL
    }
    if _is_api_request(request):
        return replace(standard_problem(400), detail=detail).response(request)
    unconfigured = _(
        "If you did, this site is not configured for the proxy in front of it: its deployer must "
        "set TRUSTED_PROXY."
    )
    title = _("This site needs https")
    return error_page(request, 400, title=title, advice=f"{detail} {unconfigured}")


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return error_page(request, 403)
    advice = _("Sign in with an account that has the rights which this page needs.")
    return error_page(request, 403, advice=advice)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(
        request,
        403,
        title=_("This form has expired"),
        advice=_(
            "The form is from an earlier visit or from another site, so it was not used. "
            "Go back, reload the page and send the form again."
        ),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an exception that no view has handled.

    An outage or a reached limit has the status and the `Retry-After` that it has in the API,
    because another attempt may succeed. Everything else is a 500.
    """
    failure = sys.exc_info()[1]
    problem = translate(failure) if isinstance(failure, Exception) else None
    problem = problem or standard_problem(HTTPStatus.INTERNAL_SERVER_ERROR)
    if _is_api_request(request):
        return problem.response(request)
    # Without the request, because its user would need another query of the database.
    context = _context(request, problem.status, "", _advice_after(problem, failure))
    content = render_to_string("gatehouse/error.html", context)
    return HttpResponse(content, status=problem.status, headers=dict(problem.headers))


def _advice_after(problem: Problem, failure: BaseException | None) -> str:
    """Return which service is unavailable or how long a limit lasts; empty for other problems."""
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        # Its words are a text of the catalog, unless it is an error of Cognito.
        return message_of(failure) if isinstance(failure, CognitoError) else _(problem.detail)
    if problem.status == HTTPStatus.TOO_MANY_REQUESTS:
        minutes = ceil(int(problem.headers["Retry-After"]) / 60)
        return _("Many requests came from you or your network. Try again in %(minutes)s min.") % {
            "minutes": minutes
        }
    return ""


def _context(request: HttpRequest, status: int, title: str, advice: str) -> dict[str, object]:
    unlisted = PAGES[500] if status >= HTTPStatus.INTERNAL_SERVER_ERROR else PAGES[400]
    usual_title, usual_advice = PAGES.get(status, unlisted)
    return {
        "status": int(status),
        "title": title or usual_title,
        "advice": advice or usual_advice,
        # Repeating a form could repeat a change.
        "may_repeat": status in PASSING and request.method in {"GET", "HEAD"},
        "request_id": getattr(request, "request_id", ""),
    }


def _is_api_request(request: HttpRequest) -> bool:
    return request.path_info.startswith(API_PREFIX)
