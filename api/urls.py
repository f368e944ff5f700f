"""The paths under /api/. None ends in a slash; one that is not here is a 404 problem."""

from __future__ import annotations

from django.urls import include, path

from api.me.views import MeView

app_name = "api"

version_1 = [
    path("me", MeView.as_view(), name="me"),
]

urlpatterns = [path("v1/", include(version_1))]
