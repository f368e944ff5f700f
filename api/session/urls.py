"""Path of the browser session, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from api.session.views import SessionView

urlpatterns = [path("session", SessionView.as_view(), name="session")]
