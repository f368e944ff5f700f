"""Home, profile, and the page after a sign-out."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import sessions
from accounts.models import BrowserSession


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Sign in or create an account; or who you are and what you can do."""
    return render(request, "accounts/home.html")


@require_safe
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Who you are here: details, groups, and this device's sign-in."""
    devices = BrowserSession.objects.filter(user_id=request.user.pk).order_by("-last_seen_at")
    context = {
        "groups": request.session.get(sessions.GROUPS_KEY, []),
        "devices": devices,
        "this_device_id": request.session.get(sessions.SESSION_ID_KEY),
    }
    return render(request, "accounts/profile.html", context)


@require_safe
def logged_out(request: HttpRequest) -> HttpResponse:
    """Where the hosted UI sends the browser back after a sign-out."""
    return render(request, "accounts/logged_out.html")
