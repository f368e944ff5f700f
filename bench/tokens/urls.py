"""URLs of the benchmark's views, below the path of the API."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import re_path

from api.me.views import MeView
from bench.tokens import views

VIEWS = {
    "open": views.Open.as_view(),
    "protected": views.Protected.as_view(),
    "plain": views.Plain.as_view(),
    "plain-with-look-up": views.PlainWithLookUp.as_view(),
    "me": MeView.as_view(),
    "me-by-hand": views.MeByHand.as_view(),
}


def contestant(request: HttpRequest, name: str) -> HttpResponseBase:
    """Call the view of this name.

    One pattern serves all views, because Django tries patterns in order and would find the first
    of several patterns sooner than the last.
    """
    return VIEWS[name](request)


urlpatterns = [re_path(rf"^api/v1/(?P<name>{'|'.join(VIEWS)})$", contestant)]
