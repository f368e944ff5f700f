"""The paths under /api/. None ends in a slash."""

from __future__ import annotations

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from accounts.postponed_urls import PostponedUrls
from api.problems import standard_problem

app_name = "api"


# There is nothing to forge here. A POST gets the same 404.
@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    """Answer 404 with a problem. The site's 404 page would render a template."""
    return standard_problem(404).response(request)


version_1: list[URLPattern | URLResolver] = [
    # begin capability notes
    *([path("", include("api.notes.urls"))] if apps.is_installed("api.notes") else []),
    # end capability notes
    path("", include("api.openapi.urls")),
    path("", include("api.me.urls")),
    PostponedUrls("auth/", "api.auth.urls", namespace="auth"),
    path("", include("api.session.urls")),
    PostponedUrls("operators/", "api.operators.urls", namespace="operators"),  # only with console
]

urlpatterns = [
    path("v1/", include(version_1)),
    re_path("", not_found),
]
