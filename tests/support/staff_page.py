"""The URLs of the site, and a page for users with staff rights.

A test asks for STAFF_PAGE where it needs any page that depends on these rights.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from accounts.sessions.guards import sign_in_required
from project import urls
from project.urls import handler400, handler403, handler404, handler500  # noqa: F401 # of a URLconf

STAFF_PAGE = "/staff/"


@sign_in_required
def staff_page(request: HttpRequest) -> HttpResponse:
    if not request.user.is_staff:
        raise PermissionDenied
    return HttpResponse("For staff")


urlpatterns = [path("staff/", staff_page), path("", include(urls))]
