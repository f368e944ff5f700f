"""The guard of views that demand a recent sign-in.

A page visit continues at `/accounts/confirm/`, and comes back to the same address. A script gets a
401 with that address.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.utils import timezone

from accounts.problem_document import CONTENT_TYPE, problem_document
from accounts.sessions import authentication
from accounts.sessions.guards import is_page_visit, sign_in_required
from accounts.step_up import kept_forms
from accounts.step_up.requirements import requirement
from cognito.hosted_ui.login_transaction import MAX_NEXT_LENGTH
from cognito.tokens.authentication import Requirement

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

CODE = "insufficient_user_authentication"
DETAIL = "This needs a recent sign-in. Sign in again, then repeat the request."


def recent_authentication(
    *, seconds: int | None = None, acr: str | None = None, not_kept: tuple[str, ...] = ()
) -> Callable[[View[P]], View[P]]:
    """Call the view for users whose sign-in is recent. Others confirm first who they are.

    The values of a posted form are kept: `kept_values` returns them to the view, which shows them
    in its form. The user then sends the form again.

    Args:
        seconds: the maximum age of the sign-in. None for COGNITO_STEP_UP_SECONDS.
        acr: the accepted levels, separated by spaces; empty for any. None for COGNITO_STEP_UP_ACR.
        not_kept: fields of the form whose values are not kept. Those whose names contain
            `password`, `code`, `secret` or `token` never are.
    """

    def decorate(view: View[P]) -> View[P]:
        @sign_in_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            demanded = requirement(seconds=seconds, acr=acr)
            answer = confirm_first(request, demanded, not_kept=frozenset(not_kept))
            return view(request, *args, **kwargs) if answer is None else answer

        return guarded

    return decorate


def confirm_first(
    request: HttpRequest,
    demanded: Requirement | None = None,
    *,
    not_kept: frozenset[str] = frozenset(),
    back_to: str = "",
) -> HttpResponse | None:
    """Return the answer that asks a signed-in user to confirm, or None if that is not necessary.

    `recent_authentication` does the same for a whole view.

    Args:
        demanded: None for the requirement of the settings.
        not_kept: as for `recent_authentication`.
        back_to: the path to return to; empty for that of the request.
    """
    demanded = demanded or requirement()
    context = authentication.of_session(request)
    if not demanded.shortfall(context, now=timezone.now().timestamp()):
        if request.method == "POST":
            kept_forms.forget(request)
        return None
    url = confirm_url(demanded, back_to or _way_back(request, not_kept))
    if is_page_visit(request):
        return HttpResponseRedirect(url)
    problem = problem_document(
        HTTPStatus.UNAUTHORIZED,
        detail=DETAIL,
        code=CODE,
        request_id=getattr(request, "request_id", ""),
        confirm_url=url,
    )
    return JsonResponse(problem, status=HTTPStatus.UNAUTHORIZED, content_type=CONTENT_TYPE)


def confirm_url(demanded: Requirement, next_path: str = "") -> str:
    """Return the address at which a signed-in user confirms who they are."""
    parameters = {"next": next_path} if next_path else {}
    parameters["max_age"] = str(demanded.max_age)
    if demanded.acr_values:
        parameters["acr_values"] = " ".join(demanded.acr_values)
    return f"{resolve_url('accounts:confirm')}?{urlencode(parameters)}"


def _way_back(request: HttpRequest, not_kept: frozenset[str]) -> str:
    """Return the path of the request, with the key of the values that it posts."""
    query = request.GET.copy()
    query.pop(kept_forms.PARAMETER, None)
    if request.method == "POST" and is_page_visit(request):
        key = kept_forms.keep(request, without=not_kept)
        if key:
            query[kept_forms.PARAMETER] = key
    next_path = f"{request.path}?{query.urlencode()}" if query else request.path
    # The length of this path is limited. The page without its filters is better than another page.
    return next_path if len(next_path) <= MAX_NEXT_LENGTH else request.path
