"""Forms that lead to another site.

The Content-Security-Policy of a page lists the origins to which its forms may lead, and Chromium
applies this list to every redirect after the form. The hosted UI redirects further: at a sign-out
to a SAML provider, at a sign-in to any identity provider. The application does not know their
origins. If Chromium blocks a form, the user sees no reaction to it.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.loader import render_to_string

from accounts.sessions.guards import identity_of


class OnwardMiddleware:
    """Replaces the redirect of a form to another site by a page that opens the other site.

    The page starts a new navigation, to which `form-action` does not apply. Only requests that
    declare themselves as navigations get the page. All others get the redirect.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            request.method == "POST"
            and request.headers.get("Sec-Fetch-Mode") == "navigate"
            # The language switch returns to the page that it was on.
            and request.path != resolve_url("accounts:language")
            and _leads_to_another_site(request, response)
        ):
            _go_on_by_page(request, response)
        return response


def _leads_to_another_site(request: HttpRequest, response: HttpResponse) -> bool:
    location = response.get("Location", "")
    if not location:
        return False
    if not location.startswith("/") or location.startswith("//"):
        return not location.startswith(f"{settings.PUBLIC_ORIGIN}/")
    # Pages of this site redirect visitors to the hosted UI, and users who have to confirm.
    return identity_of(request) is None or location.startswith(resolve_url("accounts:confirm"))


def _go_on_by_page(request: HttpRequest, response: HttpResponse) -> None:
    url = response["Location"]
    del response["Location"]
    response.status_code = HTTPStatus.OK
    response["Refresh"] = f"0; url={url}"
    response["Content-Type"] = "text/html; charset=utf-8"
    context = {"url": url}
    response.content = render_to_string("gatehouse/onward.html", context, request=request)
