"""The WSGI application: it chooses the view, and adds what every answer needs."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from local_cognito.guard import is_from_another_site
from local_cognito.login import branding, index, mailbox
from local_cognito.login.authorization_request import callback_url
from local_cognito.login.context import Login, View, redirect
from local_cognito.login.errors import BrokenRequest, Ending, ErrorRedirect
from local_cognito.login.hosted_ui import (
    completion,
    forgot_password,
    passkeys,
    password_page,
    sign_in,
    sign_out,
    sign_up,
)
from local_cognito.login.oauth import discovery, endpoints
from local_cognito.login.oauth.client_authentication import OAuthError, json_answer
from local_cognito.login.rendering import DIRECTORY, page

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

MAXIMUM_FORM_BYTES = 64 * 1024

# Pages for users.
PAGES: dict[str, dict[str, View]] = {
    "/": {"GET": index.show},
    "/oauth2/authorize": {"GET": sign_in.authorize},
    "/login": {"GET": sign_in.show, "POST": sign_in.submit},
    "/signup": {"GET": sign_up.show_sign_up, "POST": sign_up.sign_up},
    "/confirmUser": {"GET": sign_up.show_confirm, "POST": sign_up.confirm},
    "/resendcode": {"POST": sign_up.resend_code},
    "/forgotPassword": {"GET": forgot_password.show_forgot, "POST": forgot_password.forgot},
    "/confirmForgotPassword": {"GET": forgot_password.show_reset, "POST": forgot_password.reset},
    "/logout": {"GET": sign_out.log_out},
    completion.ADD: {"GET": passkeys.show, "POST": passkeys.register},
    completion.OFFER: {"GET": passkeys.show, "POST": passkeys.register},
    password_page.SIGN_IN_OPTIONS: {"POST": passkeys.sign_in_options},
    passkeys.CREATION_OPTIONS: {"POST": passkeys.creation_options},
    "/mailbox": {"GET": mailbox.show},
}
# Pages to which apps and other sites send browsers.
ENTRANCES = frozenset(
    {
        *("/", "/oauth2/authorize", "/login", "/signup", "/forgotPassword", "/logout"),
        completion.ADD,
    }
)
# Endpoints for programs, including scripts in pages of the pool's app clients.
ENDPOINTS: dict[str, dict[str, View]] = {
    "/oauth2/token": {"POST": endpoints.token},
    "/oauth2/revoke": {"POST": endpoints.revoke},
    "/oauth2/userInfo": {"GET": endpoints.user_info, "POST": endpoints.user_info},
    "/.well-known/openid-configuration": {"GET": discovery.show_document},
    "/{pool}/.well-known/openid-configuration": {"GET": discovery.show_document},
    "/{pool}/.well-known/jwks.json": {"GET": discovery.show_keys},
}
# Files, and what makes their content and its type.
STATIC: dict[str, Callable[[], tuple[bytes, str]]] = {
    "/static/logo": branding.logo,
    "/static/site.css": branding.stylesheet,
    "/static/style.css": lambda: (_content("style.css"), "text/css; charset=utf-8"),
    "/static/mailbox.js": lambda: (_content("mailbox.js"), _JAVASCRIPT),
    "/static/passkeys.js": lambda: (_content("passkeys.js"), _JAVASCRIPT),
    "/static/show-password.js": lambda: (_content("show-password.js"), _JAVASCRIPT),
}
_JAVASCRIPT = "text/javascript; charset=utf-8"


class BoundedRequest(Request):
    max_content_length = MAXIMUM_FORM_BYTES
    max_form_memory_size = MAXIMUM_FORM_BYTES
    max_form_parts = 50


class Application:
    def __init__(self, login: Login) -> None:
        self._login = login
        pool = f"/{login.pool.user_pool_id}/"
        self._endpoints = {
            path.replace("/{pool}/", pool): views for path, views in ENDPOINTS.items()
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = BoundedRequest(environ)
        response = self._answer(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'")
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Addresses of these pages contain states and nonces. "no-referrer" would also remove the
        # Origin from the forms of these pages.
        response.headers["Referrer-Policy"] = "same-origin"
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            return self._route(request)
        except Ending as ending:
            return _ending(ending)
        except HTTPException as error:
            status = HTTPStatus(error.code or HTTPStatus.BAD_REQUEST)
            return _message(status, status.phrase, "The request is malformed.")
        except Exception as error:  # noqa: BLE001 - every error needs an answer
            # The log names the place, without the error's text, which may quote a password.
            where = "".join(traceback.format_tb(error.__traceback__))
            what = f"{request.method} {request.path} failed: {type(error).__name__}"
            logger.error("%s\n%s", what, where)  # noqa: TRY400 - would log the text
            text = "This stand-in has failed. Its log names the place."
            return _message(HTTPStatus.INTERNAL_SERVER_ERROR, "This did not work", text)

    def _route(self, request: Request) -> Response:
        if request.host not in self._login.configuration.hosts:
            raise BrokenRequest("This stand-in answers only at localhost.")
        if request.path in self._endpoints:
            return self._endpoint(request, self._endpoints[request.path])
        if not (_is_same_origin(request) or _is_visit(request)):
            text = "Another site sent this request. Start again at the app."
            return _message(HTTPStatus.FORBIDDEN, "This is not possible", text)
        if request.path in STATIC:
            return _static(request.path)
        return self._page(request)

    def _page(self, request: Request) -> Response:
        views = PAGES.get(request.path)
        if views is None:
            return _message(HTTPStatus.NOT_FOUND, "Page not found", "Check the address.")
        view = views.get("GET" if request.method == "HEAD" else request.method)
        return view(self._login, request) if view else _not_allowed(views)

    def _endpoint(self, request: Request, views: dict[str, View]) -> Response:
        origin = request.headers.get("Origin")
        if not (_is_same_origin(request) or origin in self._login.pool.app_origins()):
            text = "No app client of the pool has a callback URL with this origin."
            return _message(HTTPStatus.FORBIDDEN, "This is not possible", text)
        if request.method == "OPTIONS":
            response = Response(status=HTTPStatus.NO_CONTENT)
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Allow-Methods"] = ", ".join(views)
        else:
            view = views.get("GET" if request.method == "HEAD" else request.method)
            try:
                response = view(self._login, request) if view else _not_allowed(views)
            except OAuthError as error:
                response = json_answer({"error": error.error}, status=HTTPStatus.BAD_REQUEST)
        # AWS allows every origin. Here, any page that the developer visits could then call this.
        if origin:
            response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"
        return response


def _ending(ending: Ending) -> Response:
    if isinstance(ending, ErrorRedirect):
        return redirect(callback_url(ending.redirect_uri, state=ending.state, error=ending.error))
    if isinstance(ending, BrokenRequest):
        return _message(HTTPStatus.BAD_REQUEST, "This is not possible", str(ending))
    # Unavailable, or a refusal that no form caused, such as that of a deleted pool.
    text = "The local AWS does not answer as expected. Check that `make run` is still running."
    return _message(HTTPStatus.BAD_GATEWAY, "The local AWS is unavailable", text)


def _is_same_origin(request: Request) -> bool:
    """Return whether a page of this site sent the request, or a program did."""
    own = f"http://{request.host}"
    return request.headers.get("Origin", own) == own and not is_from_another_site(
        request.headers.get("Sec-Fetch-Site")
    )


def _is_visit(request: Request) -> bool:
    """Return whether a browser replaces the page that sent the request by the answer.

    That page cannot read the answer. An app on this machine may also use a hidden frame, to find
    out if the user is still signed in (`prompt=none`). No site can frame the pages themselves.
    """
    header = request.headers.get
    return (
        request.path in ENTRANCES
        and request.method == "GET"
        and "Origin" not in request.headers
        and header("Sec-Fetch-Mode") == "navigate"
        and (
            header("Sec-Fetch-Dest") == "document"
            or (header("Sec-Fetch-Dest") == "iframe" and header("Sec-Fetch-Site") == "same-site")
        )
    )


def _content(name: str) -> bytes:
    return (DIRECTORY / name).read_bytes()


def _static(path: str) -> Response:
    content, content_type = STATIC[path]()
    response = Response(content, content_type=content_type)
    response.headers["Cache-Control"] = "max-age=60"
    return response


def _message(status: HTTPStatus, title: str, text: str) -> Response:
    return page("message", title, status=status, text=text)


def _not_allowed(views: dict[str, View]) -> Response:
    response = _message(
        HTTPStatus.METHOD_NOT_ALLOWED, "This is not possible", "Use the buttons of the page."
    )
    response.headers["Allow"] = ", ".join(views)
    return response
