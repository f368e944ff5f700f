"""Validate the browser session, and refresh its rights, on each request."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import BrowserSession, User
from accounts.sessions import browser_sessions, renewal

SIGN_OUT_PATHS = ("/accounts/logout/", "/accounts/sessions/", "/admin/logout/")


class BrowserSessionMiddleware:
    """End sessions that have expired or lost their device row, and renew the others when due.

    A request without a session cookie, such as a request of the API, causes no query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not _needs_no_session(request):
            self._check(request)
        return self.get_response(request)

    def _check(self, request: HttpRequest) -> None:
        if not request.user.is_authenticated:
            if browser_sessions.SESSION_ID_KEY in request.session:
                # The user is inactive. The session stays ended if the user becomes active again.
                browser_sessions.forget(request)
            return
        now = timezone.now()
        browser_session = browser_sessions.current(request)
        if browser_session is not None and not browser_sessions.is_over(browser_session, now):
            browser_sessions.mark_seen(browser_session, now)
            browser_session = _in_good_standing(request, browser_session)
        else:
            browser_session = None
        if browser_session is None:
            browser_sessions.forget(request)


def _in_good_standing(
    request: HttpRequest, browser_session: BrowserSession
) -> BrowserSession | None:
    now = timezone.now()
    if renewal.is_due(browser_session, now) and not _only_signs_out(request):
        renewed = renewal.renew(request, browser_session.pk)
        if renewed is None:
            return None
        # The staff flags may have changed with the groups, so this request uses the new ones.
        request.user = renewed.user
        browser_session = renewed
    if not renewal.is_trusted_for_rights(browser_session, now) and isinstance(request.user, User):
        request.user.is_staff = request.user.is_superuser = False
    return browser_session


def _needs_no_session(request: HttpRequest) -> bool:
    """Return whether the request is for the API or a health check, which ignore sessions."""
    return request.path_info.startswith("/api/") or request.path_info in {"/healthz", "/readyz"}


def _only_signs_out(request: HttpRequest) -> bool:
    """Return whether the request only signs out: it needs no rights and calls Cognito itself."""
    return request.method == "POST" and request.path_info.startswith(SIGN_OUT_PATHS)
