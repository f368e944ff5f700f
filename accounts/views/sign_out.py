"""Signing out: here, at Cognito, and in the hosted UI."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from accounts import conf, sessions
from cognito.hosted_ui import logout_url


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session, revokes its refresh token, and sends the browser through `/logout`.

    Without the last step the hosted UI would sign the next visitor straight back in. The order
    matters: whatever Cognito does, the session here is over first.
    """
    browser_session = sessions.forget(request)
    if browser_session is not None:
        sessions.revoke(browser_session)
    return HttpResponseRedirect(logout_url(conf.web_client()))
