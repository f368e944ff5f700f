"""Create a passkey: `/passkeys/add`, to which apps send browsers, and the offer after a sign-up.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from local_cognito.login.authorization_request import AuthorizationRequest, parse
from local_cognito.login.context import Login, redirect
from local_cognito.login.errors import Refused, RefusedInWords
from local_cognito.login.hosted_ui import browser_session
from local_cognito.login.hosted_ui.completion import OFFER
from local_cognito.login.memory import HostedSession
from local_cognito.login.messages import of_passkey
from local_cognito.login.rendering import form_page, fragment, problem
from local_cognito.login.user_pool.first_factors import WEB_AUTHN
from local_cognito.usernames import normalised

CREATION_OPTIONS = "/passkeys/creation-options"


def sign_in_options(login: Login, request: Request) -> Response:
    """Return the options for a sign-in, to the script of a page."""
    username = normalised(request.form.get("username", ""))
    return _options(lambda: login.passkeys.sign_in_options(username))


def creation_options(login: Login, request: Request) -> Response:
    """Return the options for a new passkey of the signed-in user, to the script of a page."""
    session = browser_session.current(login, request)
    if session is None:
        refused = RefusedInWords(
            "NotAuthorizedException", "You are no longer signed in. Sign in again."
        )
        return _options_refused(refused)
    return _options(lambda: login.passkeys.creation_options(session))


def show(login: Login, request: Request) -> Response:
    app_request = _requested(login, request)
    session = browser_session.current(login, request)
    if session is None:
        return _to_sign_in(request, app_request)
    return _page(login, request, app_request, session)


def register(login: Login, request: Request) -> Response:
    """Register a passkey. Then continue the sign-in, or return to the app without a code."""
    app_request = _requested(login, request)
    session = browser_session.current(login, request)
    if session is None:
        return _to_sign_in(request, app_request)
    try:
        login.passkeys.register(session, request.form.get("credential", ""))
    except Refused as refused:
        return _page(login, request, app_request, session, refused=problem([of_passkey(refused)]))
    return redirect(_end(request, app_request))


def _requested(login: Login, request: Request) -> AuthorizationRequest:
    """Parse the app's request. At these paths it needs only client_id and redirect_uri."""
    parameters = request.args.copy()
    parameters.setdefault("response_type", "code")
    return parse(parameters, find_client=login.pool.app_client)


def _to_sign_in(request: Request, app_request: AuthorizationRequest) -> Response:
    return redirect(app_request.url("/login", then=request.path))


def _end(request: Request, app_request: AuthorizationRequest) -> str:
    """Return the address that follows the page."""
    if request.path == OFFER:
        return app_request.url("/oauth2/authorize")
    return app_request.callback()


def _page(
    login: Login,
    request: Request,
    app_request: AuthorizationRequest,
    session: HostedSession,
    *,
    refused: Markup | None = None,
) -> Response:
    is_possible = WEB_AUTHN in login.pool.first_factors()
    passkey = fragment(
        "passkey_form",
        action=app_request.url(request.path),
        ceremony="create",
        options_url=CREATION_OPTIONS,
        autofill="",
        username="",
        secondary="",
        text="Create a passkey",
    )
    return form_page(
        "add_passkey" if is_possible else "no_passkeys",
        "Create a passkey",
        form_target=app_request.form_target,
        refused=refused,
        username=session.shown_name,
        passkey=passkey,
        leave_url=_end(request, app_request),
        leave="Not now" if request.path == OFFER else "Back to the app",
    )


def _options(start: Callable[[], Any]) -> Response:
    try:
        return _json(start())
    except Refused as refused:
        return _options_refused(refused)


def _options_refused(refused: Refused) -> Response:
    return _json({"error": of_passkey(refused)}, status=HTTPStatus.BAD_REQUEST)


def _json(value: object, *, status: int = HTTPStatus.OK) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json")
