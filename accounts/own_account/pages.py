"""Home, profile, and the page after a sign-out."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import BrowserSession
from accounts.own_account import development
from accounts.sessions import browser_sessions
from accounts.sessions.guards import sign_in_required, signed_in_user

# The page lists at most this many devices. "Sign out everywhere" ends the others as well.
MAX_DEVICES = 50


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page, with links for visitors or for the signed-in user."""
    context = {"development": development.help_for_developers()} if settings.DEBUG else {}
    return render(request, "accounts/home.html", context)


@require_safe
@sign_in_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show the user's details, groups and signed-in devices."""
    this_device_id = request.session.get(browser_sessions.SESSION_ID_KEY)
    devices = list(
        BrowserSession.objects.filter(user=signed_in_user(request)).order_by("-last_seen_at")[
            :MAX_DEVICES
        ]
    )
    this_device = next((device for device in devices if str(device.pk) == this_device_id), None)
    context = {"devices": devices, "this_device": this_device}
    return render(request, "accounts/profile.html", context)


@require_safe
def logged_out(request: HttpRequest) -> HttpResponse:
    """Show the page to which the hosted UI redirects after a sign-out."""
    return render(request, "accounts/logged_out.html")
