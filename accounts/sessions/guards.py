"""What a visitor who is not signed in gets: people go to the hosted UI, scripts get a 401."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.utils.http import urlencode

from accounts.models import User
from accounts.problem_document import CONTENT_TYPE, problem_document
from cognito.hosted_ui.login_transaction import MAX_NEXT_LENGTH

P = ParamSpec("P")


def sign_in_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Lets signed-in users through; `sign_in_first` answers everyone else."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return sign_in_first(request, next_path=request.get_full_path())

    return guarded


def signed_in_user(request: HttpRequest) -> User:
    """The user of a view behind `sign_in_required`, with its type."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def sign_in_first(request: HttpRequest, *, next_path: str) -> HttpResponse:
    """302 to the sign-in for a page visit; 401 with the same address as JSON for a script.

    A redirect to another site is of no use to `fetch`: it ends in a CORS error that says nothing.
    """
    sign_in_url = resolve_url("accounts:login")
    # A longer one would not be followed, and must not make the answer's headers grow.
    if len(next_path) <= MAX_NEXT_LENGTH:
        sign_in_url = f"{sign_in_url}?{urlencode({'next': next_path})}"
    if not _is_page_visit(request):
        problem = problem_document(
            401,
            detail="Your session has ended. Sign in again.",
            code="not_authenticated",
            request_id=getattr(request, "request_id", ""),
            sign_in_url=sign_in_url,
        )
        return JsonResponse(problem, status=401, content_type=CONTENT_TYPE)
    if request.method not in {"GET", "HEAD"}:
        # What was posted is lost over a sign-in; its address may take nothing but posts.
        sign_in_url = resolve_url("accounts:login")
    response = HttpResponse(status=302)
    response["Location"] = sign_in_url
    return response


def _is_page_visit(request: HttpRequest) -> bool:
    """As browsers say (https://www.w3.org/TR/fetch-metadata/), or as the other headers suggest."""
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is not None:
        return mode == "navigate"
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return False
    accepted = request.headers.get("Accept", "*/*")
    return "html" in accepted or "json" not in accepted
