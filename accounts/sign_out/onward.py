"""Forms that lead to another site.

The Content-Security-Policy of a page names the origins where its forms may end, and Chromium holds
every redirect on the way against it. The hosted UI redirects further: at a sign-out to a SAML
provider, at a sign-in to any identity provider, whose origins are not known here. A form that is
blocked looks as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


class OnwardMiddleware:
    """Answers a form that leads to another site with a page that goes on there by itself.

    The way from that page is a navigation of its own, to which `form-action` does not apply. Only
    browsers that say that they navigate get it; all others get the redirect as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            request.method == "POST"
            and request.headers.get("Sec-Fetch-Mode") == "navigate"
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
    # Pages of this site send visitors on to the hosted UI.
    return not request.user.is_authenticated


def _go_on_by_page(request: HttpRequest, response: HttpResponse) -> None:
    url = response["Location"]
    del response["Location"]
    response.status_code = HTTPStatus.OK
    response["Refresh"] = f"0; url={url}"
    response["Content-Type"] = "text/html; charset=utf-8"
    response.content = render_to_string("accounts/onward.html", {"url": url}, request=request)
