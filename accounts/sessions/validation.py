"""Validate the browser session of a request, and renew it when it is due."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import users
from accounts.backends import already_read
from accounts.models import BrowserSession
from accounts.sessions import browser_sessions, renewal
from accounts.site_paths import own_path

SIGN_OUT_PATHS = ("accounts/logout/", "accounts/sessions/", "admin/logout/")

# In `request.META`: Django's `request.user`, which does not know whether the session has ended.
_UNVALIDATED = "gatehouse.unvalidated_user"


def postpone(request: HttpRequest) -> None:
    """Validate the session when a view asks for its user, and not at all if no view does."""
    request.META[_UNVALIDATED] = request.user
    request.user = SimpleLazyObject(lambda: _validated_user(request))  # type: ignore[assignment] # as Django's own
    request.auser = lambda: sync_to_async(_validated_user)(request)


def _validated_user(request: HttpRequest) -> Any:
    validate(request)
    return request.user


def validate(request: HttpRequest) -> BrowserSession | None:
    """Return the request's session, or None for a visitor.

    A session that has expired or lost its device row ends here, and one that is due is renewed.
    Afterwards, `request.user` is the user of the session, with the rights of this moment. A session
    of another sign-in stays as it is.
    """
    unvalidated = request.META.pop(_UNVALIDATED, None)
    if unvalidated is not None:
        request.user = unvalidated
    if not browser_sessions.is_ours(request.session):
        return None
    browser_session = browser_sessions.current(request)
    if browser_session is not None and settings.SECRET_KEY_FALLBACKS:
        browser_sessions.sign_with_newest_key(request.session, browser_session.user)
    # One query reads the device and its user.
    with already_read(browser_session.user.auth_user if browser_session is not None else None):
        is_authenticated = request.user.is_authenticated
    if not is_authenticated:
        if browser_sessions.SESSION_ID_KEY in request.session:
            # The user is inactive. The session stays ended if the user becomes active again.
            browser_sessions.forget(request)
        return None
    now = timezone.now()
    if browser_session is not None and not browser_sessions.is_over(browser_session, now):
        browser_sessions.mark_seen(browser_session, now)
        browser_session = _in_good_standing(request, browser_session)
    else:
        browser_session = None
    if browser_session is None:
        browser_sessions.forget(request)
    return browser_session


def _in_good_standing(
    request: HttpRequest, browser_session: BrowserSession
) -> BrowserSession | None:
    now = timezone.now()
    if renewal.is_due(browser_session, now) and not _only_signs_out(request):
        renewed = renewal.renew(request, browser_session.pk)
        if renewed is None:
            return None
        # The staff flags may have changed with the groups, so this request uses the new ones.
        request.user = renewed.user.auth_user
        browser_session = renewed
    if not renewal.is_trusted_for_rights(browser_session, now):
        users.withhold_rights(request)
    return browser_session


def _only_signs_out(request: HttpRequest) -> bool:
    """Return whether the request only signs out: it needs no rights and calls Cognito itself."""
    return request.method == "POST" and request.path_info.startswith(
        tuple(map(own_path, SIGN_OUT_PATHS))
    )
