"""Guards of views that need a signed-in user: pages redirect to sign-in, scripts get a 401."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.utils.http import urlencode

from accounts.models import AbstractIdentity
from accounts.problem_document import CONTENT_TYPE, problem_document
from accounts.sessions.browser_sessions import is_ours
from cognito.hosted_ui.login_transaction import MAX_NEXT_LENGTH

P = ParamSpec("P")


def sign_in_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Call the view for signed-in users. Visitors get the answer of `sign_in_first`."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if identity_of(request) is not None:
            return view(request, *args, **kwargs)
        return sign_in_first(request, next_path=request.get_full_path())

    return guarded


def identity_of(request: HttpRequest) -> AbstractIdentity | None:
    """Return who has signed this browser in through the user pool, or None for anyone else.

    A project can have sign-ins of its own. Their sessions have another backend, and are not ours,
    even if the user of one has an identity.
    """
    user: Any = request.user
    if isinstance(user, AbstractIdentity):
        return user
    if not user.is_authenticated or not is_ours(request.session):
        return None
    identity: AbstractIdentity | None = getattr(user, "gatehouse_identity", None)
    return identity


def signed_in_user(request: HttpRequest) -> AbstractIdentity:
    """Return the user of a view behind `sign_in_required`. Raise PermissionDenied for others."""
    identity = identity_of(request)
    if identity is None:
        raise PermissionDenied
    return identity


def sign_in_first(request: HttpRequest, *, next_path: str) -> HttpResponse:
    """Return a 302 to sign-in for a page visit, or a 401 with the same address for a script.

    A script cannot follow a redirect to the hosted UI: `fetch` fails with a CORS error that does
    not say why.
    """
    sign_in_url = resolve_url("accounts:login")
    # The sign-in ignores a longer one, and it would make the answer's headers too large.
    if len(next_path) <= MAX_NEXT_LENGTH:
        sign_in_url = f"{sign_in_url}?{urlencode({'next': next_path})}"
    if not is_page_visit(request):
        problem = problem_document(
            401,
            detail="Your session has ended. Sign in again.",
            code="not_authenticated",
            request_id=getattr(request, "request_id", ""),
            sign_in_url=sign_in_url,
        )
        return JsonResponse(problem, status=401, content_type=CONTENT_TYPE)
    if request.method not in {"GET", "HEAD"}:
        # A sign-in loses the posted data, and the address may accept only POST.
        sign_in_url = resolve_url("accounts:login")
    response = HttpResponse(status=302)
    response["Location"] = sign_in_url
    return response


def is_page_visit(request: HttpRequest) -> bool:
    """Decide by fetch metadata (https://www.w3.org/TR/fetch-metadata/), or by other headers."""
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is not None:
        return mode == "navigate"
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return False
    accepted = request.headers.get("Accept", "*/*")
    return "html" in accepted or "json" not in accepted
