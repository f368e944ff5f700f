"""The guard that GatehouseAdminSite.admin_view places in front of the admin's views."""

from __future__ import annotations

import time
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.console.directory.current_operator import current_operator
from accounts.console.directory.errors import FAILURES
from accounts.console.directory.pages import problem_page
from accounts.models import AbstractIdentity
from accounts.sessions.guards import signed_in_user

READS = frozenset({"GET", "HEAD", "OPTIONS"})
CHECKED_AT = "operator_checked_at"


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Return the page that refuses a request, or None if the view may run.

    On each write, ask the user pool. Then `request.user` has the rights of its answer.
    """
    if request.method in READS and not _second_factor_is_due(request):
        return None
    user = signed_in_user(request)
    try:
        operator = cast("AbstractIdentity", current_operator(request, user).user)
        request.user = operator.auth_user
    except FAILURES as error:
        # The page shows a menu, which must match the rights that the operator still has.
        user.auth_user.refresh_from_db()
        return problem_page(request, error)
    if settings.COGNITO_STAFF_REQUIRE_MFA:
        request.session[CHECKED_AT] = time.time()
    return None


def _second_factor_is_due(request: HttpRequest) -> bool:
    """Return whether a read must ask the pool as well, because second factors are required.

    A token does not say whether the sign-in used a second factor, so ask the pool as often as a
    session is renewed.
    """
    if not settings.COGNITO_STAFF_REQUIRE_MFA:
        return False
    age = time.time() - request.session.get(CHECKED_AT, 0)
    return not 0 <= age < settings.COGNITO_RENEW_SECONDS
