"""The addresses of Gatehouse in those of another project."""

from __future__ import annotations

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import include, path

from project.adopted_urls import exempt


def test_visitor_reaches_our_views_where_a_project_requires_a_login_for_all() -> None:
    def view(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    middleware = LoginRequiredMiddleware(view)
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    refused = middleware.process_view(request, view, (), {})
    assert refused is not None
    assert refused.status_code == 302

    exempt([path("accounts/", include([path("login/", view)]))])
    assert middleware.process_view(request, view, (), {}) is None
