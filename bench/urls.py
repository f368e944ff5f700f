"""The views that the benchmark asks for, at addresses like the API's own."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import re_path

from bench import views

VIEWS = {
    "open": views.Open.as_view(),
    "protected": views.Protected.as_view(),
    "plain": views.Plain.as_view(),
    "plain-with-look-up": views.PlainWithLookUp.as_view(),
}


def contestant(request: HttpRequest, name: str) -> HttpResponseBase:
    """The view of this name: Django tries patterns in turn, and the first would be found sooner."""
    return VIEWS[name](request)


urlpatterns = [re_path(rf"^api/v1/(?P<name>{'|'.join(VIEWS)})$", contestant)]
