"""The guard in front of the admin's views, for GatehouseAdminSite.admin_view."""

from __future__ import annotations

import time
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.console.directory.current_operator import current_operator
from accounts.console.directory.errors import FAILURES
from accounts.console.directory.pages import problem_page
from accounts.models import User
from accounts.sessions.guards import signed_in_user

READS = frozenset({"GET", "HEAD", "OPTIONS"})
CHECKED_AT = "operator_checked_at"


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Return the page that refuses a request; None if the operator may go on.

    A write always asks the user pool. `request.user` has the rights of that answer afterwards.
    """
    if request.method in READS and not _second_factor_is_due(request):
        return None
    user = signed_in_user(request)
    try:
        request.user = cast("User", current_operator(request, user).user)
    except FAILURES as error:
        # The page shows the menu of the rights that are left.
        user.refresh_from_db()
        return problem_page(request, error)
    if settings.COGNITO_STAFF_REQUIRE_MFA:
        request.session[CHECKED_AT] = time.time()
    return None


def _second_factor_is_due(request: HttpRequest) -> bool:
    """Whether a read asks the pool as well, because second factors are required.

    The sign-in does not tell whether there was a second factor, so the pool is asked as often as a
    session is renewed.
    """
    if not settings.COGNITO_STAFF_REQUIRE_MFA:
        return False
    age = time.time() - request.session.get(CHECKED_AT, 0)
    return not 0 <= age < settings.COGNITO_RENEW_SECONDS
