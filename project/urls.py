"""The URLs of the site."""

from __future__ import annotations

from django.urls import include, path

from accounts.postponed_urls import PostponedUrls  # only with console
from project import error_pages, health
from project.metrics import views as metrics

urlpatterns = [
    path("", include("accounts.urls")),
    PostponedUrls("admin/", "accounts.console.urls", namespace="admin"),  # only with console
    path("api/", include("api.urls")),
    path("", include("api.resource_metadata")),
    path("healthz", health.alive, name="healthz"),
    path("metrics", metrics.scrape, name="metrics"),
    path("readyz", health.ready, name="readyz"),
]

handler400 = error_pages.bad_request
handler403 = error_pages.permission_denied
handler404 = error_pages.not_found
handler500 = error_pages.server_error
