"""Views to sign out this device, another device, or all devices."""

from __future__ import annotations

import uuid

from django.contrib import auth
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import conf
from accounts.audit import trail
from accounts.sessions import browser_sessions
from accounts.sessions.guards import sign_in_required, signed_in_user
from accounts.sign_out import sign_out as sign_outs
from cognito.hosted_ui.endpoints import logout_url


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, revoke its refresh token, and redirect to the hosted UI's `/logout`.

    Without the redirect, the hosted UI would sign the next visitor straight back in. The session of
    this site ends first, whatever Cognito does.
    """
    browser_session = browser_sessions.forget(request)
    if browser_session is not None:
        trail.record(
            request, trail.Action.SIGN_OUT, trail.Outcome.SUCCESS, actor=browser_session.user
        )
        sign_outs.sign_out_device(browser_session)
    return HttpResponseRedirect(logout_url(conf.web_client()))


@require_POST
@sign_in_required
def end_session(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Sign out one of the user's devices. For this device it does the same as `sign_out`."""
    if str(pk) == request.session.get(browser_sessions.SESSION_ID_KEY):
        return sign_out(request)
    user = signed_in_user(request)
    browser_session = browser_sessions.end(pk, of_user=user)
    if browser_session is None:
        raise Http404
    trail.record(request, trail.Action.SIGN_OUT_DEVICE, trail.Outcome.SUCCESS, actor=user)
    sign_outs.sign_out_device(browser_session)
    return HttpResponseRedirect(reverse("accounts:profile"))


@require_POST
@sign_in_required
def end_all_sessions(request: HttpRequest) -> HttpResponse:
    """Sign the user out on all devices, and revoke their bearer tokens."""
    user = signed_in_user(request)
    this_session = request.session.get(browser_sessions.SESSION_ID_KEY)
    auth.logout(request)
    # The event comes first, so that no fault can hide from the trail that sessions were ended.
    trail.record(request, trail.Action.SIGN_OUT_EVERYWHERE, trail.Outcome.SUCCESS, actor=user)
    sign_outs.sign_out_everywhere(user, from_session=this_session)
    return HttpResponseRedirect(logout_url(conf.web_client()))
