"""Views to sign out this device, another device, or all devices."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.contrib import auth, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import conf
from accounts.audit import trail
from accounts.rate_limits.limits import (
    RECORDED_SIGN_OUTS,
    AccountLimitReached,
    account_name,
    count_account,
)
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
    browser = browser_session.browser_name
    messages.success(request, _("Signed out %(browser)s.") % {"browser": browser})
    return HttpResponseRedirect(reverse("accounts:devices"))


@require_POST
@sign_in_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign the user out on all other devices, and revoke their bearer tokens."""
    end_others(request)
    messages.success(request, _("Signed out all other devices."))
    return HttpResponseRedirect(reverse("accounts:devices"))


def end_others(request: HttpRequest) -> None:
    """Record that the user signs out all other devices, and do it.

    It is never refused. Above a limit it is not recorded, so that a session cannot fill the trail.
    """
    user = signed_in_user(request)
    account = account_name(issuer=user.issuer, sub=user.sub)
    with suppress(AccountLimitReached):
        count_account("recorded sign-out", RECORDED_SIGN_OUTS, account=account)
        trail.record(request, trail.Action.SIGN_OUT_OTHERS, trail.Outcome.SUCCESS, actor=user)
    this_session = request.session.get(browser_sessions.SESSION_ID_KEY)
    sign_outs.sign_out_others(user, this_session=this_session)


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
