"""Choose the language of the pages."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from accounts.language.switch import referring_path
from accounts.sign_in.next_url import safe_next_path
from accounts.site_paths import home_url


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie, and return to the page of the switch.

    The cookie belongs to the browser, not to a session: it is there before a sign-in and after a
    sign-out.
    """
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise BadRequest("Not one of LANGUAGES")
    response = HttpResponseRedirect(_next_path(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _next_path(request: HttpRequest) -> str:
    """Return the path that the form names, with the query that the browser shows."""
    path = safe_next_path(request.POST.get("next", ""), default=home_url())
    shown = referring_path(request)
    return safe_next_path(shown, default=path) if shown.startswith(f"{path}?") else path
