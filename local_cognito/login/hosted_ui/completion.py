"""The end of every sign-in: the browser's session at the hosted UI, and the way back to the app."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login, redirect
from local_cognito.login.errors import ErrorRedirect
from local_cognito.login.hosted_ui import browser_session
from local_cognito.login.hosted_ui.password_page import password_page
from local_cognito.login.rendering import problem
from local_cognito.login.user_pool.first_factors import WEB_AUTHN
from local_cognito.login.user_pool.hosted_sessions import NotEnough

# Pages that may follow a sign-in. `/passkeys/add` is Cognito's, and apps send browsers there. The
# path of Cognito's offer after a sign-up is not documented.
ADD, OFFER = "/passkeys/add", "/passkeys/offer"
PASSKEY_PAGES = {ADD, OFFER}

_MAXIMUM_USER_AGENT = 500


def complete(
    login: Login,
    request: Request,
    app_request: AuthorizationRequest,
    *,
    access_token: str,
    shown_name: str,
    also_proven: str = "",
) -> Response:
    """Begin a session with what the user has proven, and return to the app with a code.

    Args:
        access_token: a token of the app client `local-managed-login`, whose sign-in has proven it.
            It is worth nothing afterwards.
        shown_name: the name that the user has typed.
        also_proven: a value of the claim `amr` that was proven after the token was issued.
    """
    session = login.hosted_sessions.begin(
        access_token,
        shown_name=shown_name,
        also_proven=also_proven,
        client_id=app_request.client.client_id,
        user_agent=(request.headers.get("User-Agent") or "")[:_MAXIMUM_USER_AGENT],
        ip_address=request.remote_addr or "",
    )
    if app_request.then in PASSKEY_PAGES and WEB_AUTHN in login.pool.first_factors():
        response = redirect(app_request.url(app_request.then, then="", prompt=""))
        browser_session.begin(login, request, response, session)
        return response
    try:
        code = login.hosted_sessions.code(app_request, session, is_new=True)
    except NotEnough:
        # https://openid.net/specs/openid-connect-unmet-authentication-requirements-1_0.html
        login.hosted_sessions.end(session)
        raise ErrorRedirect(
            app_request.redirect_uri, "unmet_authentication_requirements", state=app_request.state
        ) from None
    if code is None:
        ended = problem(["This sign-in has ended. Sign in again."])
        return password_page(login, app_request, username=shown_name, refused=ended)
    response = redirect(app_request.callback(code=code))
    browser_session.begin(login, request, response, session)
    return response
