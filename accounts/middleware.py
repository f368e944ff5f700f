"""Every request of a signed-in browser: is its session still one?"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import sessions


class BrowserSessionMiddleware:
    """Ends sessions whose device row is gone or whose time is over.

    A request without a session cookie, the API's above all, passes without a query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = timezone.now()
            browser_session = sessions.current(request)
            if browser_session is None or sessions.is_over(browser_session, now):
                sessions.forget(request)
            else:
                sessions.mark_seen(browser_session, now)
        return self.get_response(request)
