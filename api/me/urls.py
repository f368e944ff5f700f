"""Paths of the caller's identity and account, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from accounts.postponed_urls import PostponedUrls
from api.me.views import MeView

urlpatterns = [
    path("me", MeView.as_view(), name="me"),
    PostponedUrls("me/", "api.me.account_urls", namespace="account"),
]
