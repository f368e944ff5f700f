"""The session cookie as a credential, in the few views that ask for it.

A browser adds the cookie to every request for this site, whichever page causes it. So the cookie
counts only if the browser says that the request comes from a page of this site, and a request that
may change something needs a CSRF token as well. Source: RFC 10017 section 6.1,
https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils import timezone
from rest_framework import status
from rest_framework.authentication import CSRFCheck
from rest_framework.exceptions import APIException, PermissionDenied, UnsupportedMediaType
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts.models import BrowserSession
from accounts.sessions import browser_sessions, renewal, validation
from accounts.sessions.guards import identity_of
from accounts.sessions.store import is_session_key
from api.authentication import CognitoAuthentication
from api.principals import Principal, SessionPrincipal
from api.wire.middleware import COOKIE_COUNTS


class SessionEnded(APIException):
    """The browser was signed in, but its session has expired or was ended."""

    status_code = status.HTTP_410_GONE
    default_code = "session_ended"
    default_detail = "Your session has ended. Sign in again."


class CsrfFailed(PermissionDenied):
    """A request with the session cookie lacks the CSRF token that proves its origin."""

    default_code = "csrf_failed"
    default_detail = (
        "The CSRF token is missing or no longer valid. Read it again with GET /api/v1/session, and "
        "send it in the X-CSRFToken header."
    )


class SessionOrBearer(CognitoAuthentication):
    """Authenticate by a bearer token, or by the session of a page of this site.

    A view asks for it: `authentication_classes = (SessionOrBearer,)`. An `Authorization` header,
    valid or not, decides alone. Without one, the session cookie counts if all of this is true:

    - `Sec-Fetch-Site` is `same-origin`, or `Origin` is exactly the origin of PUBLIC_URL; neither of
      them says anything else;
    - a request that is not GET, HEAD or OPTIONS passes Django's CSRF check by `X-CSRFToken`, and
      its body is JSON.

    In any other request the cookie is ignored, so that the caller is a visitor. `request.user` is
    a SessionPrincipal and `request.auth` the BrowserSession.

    Raises:
        SessionEnded: the cookie belongs to a session that has ended (410).
        CsrfFailed: the CSRF token is missing or invalid (403).
        UnsupportedMediaType: the body is not JSON (415).
    """

    def authenticate(self, request: Request) -> tuple[Principal, object] | None:
        """Return the principal, and its claims or session, or None for a visitor."""
        http_request = request._request  # noqa: SLF001 - documented
        http_request.META[COOKIE_COUNTS] = True
        if "HTTP_AUTHORIZATION" in http_request.META:
            return super().authenticate(request)
        cookie = http_request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not is_session_key(cookie) or not is_from_own_page(http_request):
            return None
        if request.method not in SAFE_METHODS:
            demand_json(request)
            demand_csrf_token(http_request)
        return session_credentials(http_request)


def is_from_own_page(request: HttpRequest) -> bool:
    """Return whether the browser says that a page of this site sends the request.

    Source: https://www.w3.org/TR/fetch-metadata/, https://fetch.spec.whatwg.org/#origin-header
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return False
    return site in {None, "same-origin"} and origin in {None, settings.PUBLIC_ORIGIN}


def demand_json(request: Request) -> None:
    """Raise UnsupportedMediaType if there is a body of another type than JSON.

    A form of any page can send every other type.
    """
    meta = request.META
    has_body = meta.get("CONTENT_LENGTH") not in {None, "", "0"} or "HTTP_TRANSFER_ENCODING" in meta
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    if has_body and media_type != "application/json":
        raise UnsupportedMediaType(media_type)


def demand_csrf_token(request: HttpRequest) -> None:
    """Raise CsrfFailed unless the request passes Django's own check."""
    check = CSRFCheck(lambda _: None)  # type: ignore[arg-type] # it is never called
    check.process_request(request)
    if check.process_view(request, None, (), {}):  # type: ignore[arg-type] # as DRF calls it
        raise CsrfFailed


def session_credentials(request: HttpRequest) -> tuple[SessionPrincipal, BrowserSession] | None:
    """Return the principal of the session, renewed if it was due, or None for a visitor."""
    # A visitor has a session as well if it holds a message. A session without a row has ended.
    was_signed_in = (
        browser_sessions.SESSION_ID_KEY in request.session or request.session.session_key is None
    )
    browser_session = validation.validate(request)
    user = identity_of(request)
    if browser_session is None or user is None:
        if was_signed_in:
            raise SessionEnded
        return None
    is_recent = renewal.is_trusted_for_rights(browser_session, timezone.now())
    groups = frozenset(browser_session.groups) if is_recent else frozenset[str]()
    return SessionPrincipal(user, browser_session, groups), browser_session


def sign_in_members(request: Request) -> dict[str, object]:
    """Return the members of a problem that tell a page of this site where its user signs in."""
    if any(isinstance(one, SessionOrBearer) for one in request.authenticators or ()):
        return {"signed_in": False, "sign_in_url": resolve_url("accounts:login")}
    return {}
