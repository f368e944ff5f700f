"""The home page, and the page after a sign-out."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.own_account import development


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page, with links for visitors or for the signed-in user."""
    context = {"development": development.help_for_developers()} if settings.DEBUG else {}
    return render(request, "gatehouse/home.html", context)


@require_safe
def logged_out(request: HttpRequest) -> HttpResponse:
    """Show the page to which the hosted UI redirects after a sign-out."""
    return render(request, "gatehouse/logged_out.html")
