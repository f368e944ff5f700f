"""Guard of the pages on which users change their own account, and their access to Cognito."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from math import ceil

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts import conf
from accounts.language.words import advice_of, title_of
from accounts.own_account.owner import Owner
from accounts.rate_limits.limits import LimitReached, account_name, count_account_call
from accounts.sessions import browser_sessions, renewal
from accounts.sessions.guards import sign_in_first, sign_in_required, signed_in_user
from cognito.errors import (
    CognitoUnavailable,
    InvalidParameter,
    OperationNotSupported,
    RequestRefused,
    TooManyRequests,
)
from cognito.user_pool.self_service import SelfService

View = Callable[[HttpRequest], HttpResponse]


class SessionEnded(Exception):
    """Cognito has ended the sign-in of this browser session."""


def account_page(view: View) -> View:
    """Guard a view for signed-in users, and show a page for each error of `own_account`."""

    @sign_in_required
    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except SessionEnded:
            browser_sessions.forget(request)
            return sign_in_first(request, next_path=request.get_full_path())
        except CognitoUnavailable as error:
            response = account_problem(
                request, title_of(error), advice_of(error), status=error.status
            )
            if not isinstance(error, OperationNotSupported):
                response["Retry-After"] = str(error.retry_after)
            return response
        except (LimitReached, TooManyRequests) as error:
            wait = error.wait if isinstance(error, LimitReached) else error.retry_after
            advice = _("Nothing has changed. Try again in %(minutes)d min.") % {
                "minutes": ceil(wait / 60)
            }
            response = account_problem(
                request, title_of(TooManyRequests), advice, status=TooManyRequests.status
            )
            response["Retry-After"] = str(ceil(wait))
            return response
        except RequestRefused as error:
            advice = (
                _("Nothing has changed. Check what you entered.")
                if isinstance(error, InvalidParameter)
                else _("Nothing has changed. Sign out, sign in and try again.")
            )
            advice = f"{advice} " + _("If that does not help, ask an operator.")
            return account_problem(request, title_of(error), advice, status=HTTPStatus.CONFLICT)

    return page


def own_account(request: HttpRequest) -> SelfService:
    """Return the signed-in user's account, with a new access token that is not stored.

    Call it once for each request. It shares its rate limit with `me/*` of the API.

    Raises:
        AccountLimitReached: the user has exceeded the rate limit.
        SessionEnded: Cognito has ended the sign-in.
        CognitoUnavailable: Cognito did not answer.
    """
    user = signed_in_user(request)
    account = account_name(issuer=user.issuer, sub=user.sub)
    count_account_call(request, account, is_change=request.method == "POST")
    pk = uuid.UUID(request.session[browser_sessions.SESSION_ID_KEY])
    access_token = renewal.fresh_access_token(request, pk)
    if access_token is None:
        raise SessionEnded
    return SelfService(conf.pool_service(), access_token)


def owner_of(request: HttpRequest) -> Owner:
    """Return the signed-in user as the owner of the account that the request changes."""
    user = signed_in_user(request)
    return Owner(
        request,
        issuer=user.issuer,
        sub=user.sub,
        username=user.username or user.sub,
        find_actor=lambda: user,
        pool=lambda: own_account(request),
    )


def account_problem(
    request: HttpRequest, title: str, advice: str, *, status: HTTPStatus
) -> HttpResponse:
    """Return a page that says why nothing was changed."""
    context = {"title": title, "advice": advice, "request_id": getattr(request, "request_id", "")}
    return render(request, "gatehouse/account_problem.html", context, status=status)
