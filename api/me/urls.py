"""Addresses of one's own account, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from api.me.sessions import SessionsView, SessionView
from api.me.views import MeView

urlpatterns = [
    path("me", MeView.as_view(), name="me"),
    path("me/sessions", SessionsView.as_view(), name="me-sessions"),
    path("me/sessions/<uuid:pk>", SessionView.as_view(), name="me-session"),
]
