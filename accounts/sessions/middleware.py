"""Every request of a signed-in browser: is its session still one, and are its rights?"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import BrowserSession, User
from accounts.sessions import browser_sessions, renewal

SIGN_OUT_PATHS = ("/accounts/logout/", "/accounts/sessions/", "/admin/logout/")


class BrowserSessionMiddleware:
    """Ends sessions whose device row is gone or whose time is over; renews the others in time.

    A request without a session cookie, the API's above all, passes without a query.
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
                # The user is switched off: the session does not come back with the account.
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
        # The flags may have changed with the groups: for this request already.
        request.user = renewed.user
        browser_session = renewed
    if not renewal.is_trusted_for_rights(browser_session, now) and isinstance(request.user, User):
        request.user.is_staff = request.user.is_superuser = False
    return browser_session


def _needs_no_session(request: HttpRequest) -> bool:
    """The API, where a bearer decides alone; and how the process is, whatever else is down."""
    return request.path_info.startswith("/api/") or request.path_info in {"/healthz", "/readyz"}


def _only_signs_out(request: HttpRequest) -> bool:
    """Such a request needs no rights, and waits for Cognito once already."""
    return request.method == "POST" and request.path_info.startswith(SIGN_OUT_PATHS)
