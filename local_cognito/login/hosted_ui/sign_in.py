"""`/oauth2/authorize` and `/login`: sign a user in, and return to the app with a code.

https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
https://docs.aws.amazon.com/cognito/latest/developerguide/login-endpoint.html
"""

from __future__ import annotations

from http import HTTPStatus

from werkzeug.wrappers import Request, Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login, redirect
from local_cognito.login.errors import BrokenRequest, ErrorRedirect, Refused
from local_cognito.login.hosted_ui import browser_session, codes, demo_users
from local_cognito.login.hosted_ui.challenges import answer_challenge, continue_sign_in
from local_cognito.login.hosted_ui.completion import complete
from local_cognito.login.hosted_ui.password_page import password_page, ways_page
from local_cognito.login.memory import Credentials
from local_cognito.login.messages import of_passkey
from local_cognito.login.rendering import page, problem, refusal
from local_cognito.login.user_pool.hosted_sessions import NotEnough
from local_cognito.usernames import normalised

# Refusals of a correct password that lead to another page.
_ELSEWHERE = {
    "UserNotConfirmedException": "/confirmUser",
    "PasswordResetRequiredException": "/forgotPassword",
}


def authorize(login: Login, request: Request) -> Response:
    app_request = login.requested(request)
    if app_request.identity_provider not in {"", "COGNITO"}:
        # MiniStack knows where to send the browser. It answers this server, but not browsers.
        federated = login.web.get(app_request.url("/oauth2/authorize"))
        if federated.status != HTTPStatus.FOUND:
            raise BrokenRequest("The user pool has no such identity provider (identity_provider).")
        return redirect(federated.location)
    if not app_request.prompt & {"login", "select_account"}:
        answer = _silently(login, request, app_request)
        if answer:
            return answer
    _require_that_pages_may_be_shown(app_request)
    return redirect(app_request.url("/login"))


def show(login: Login, request: Request) -> Response:
    app_request = login.requested(request)
    _require_that_pages_may_be_shown(app_request)
    known = browser_session.current(login, request)
    if known is None or "login" in app_request.prompt:
        return password_page(login, app_request, username=app_request.login_hint)
    return page(
        "choose",
        "Continue to the app",
        form_target=app_request.form_target,
        username=known.shown_name,
        action=app_request.url("/login"),
        other_url=app_request.url("/login", prompt="login"),
    )


def submit(login: Login, request: Request) -> Response:
    """Check the forms of the pages above and of the challenges."""
    app_request = login.requested(request)
    if "challenge" in request.form:
        return answer_challenge(login, request, app_request)
    if request.form.get("as") == "signed-in":
        return _silently(login, request, app_request) or redirect(
            app_request.url("/login", prompt="login")
        )
    return _first_factor(login, request, app_request)


def _first_factor(login: Login, request: Request, app_request: AuthorizationRequest) -> Response:
    form = request.form
    username = normalised(form.get("username", ""))
    if "credential" in form:
        return _sign_in_with_passkey(login, request, app_request, username)
    if form.get("way") in codes.WAYS:
        return codes.begin(login, app_request, username, form["way"])
    if demo := demo_users.credentials(login, form.get("demo_user", "")):
        return _sign_in_with_password(login, request, app_request, demo)
    if "password" in form:
        credentials = Credentials(username, form["password"])
        return _sign_in_with_password(login, request, app_request, credentials)
    return ways_page(login, app_request, username=username)


def _sign_in_with_password(
    login: Login, request: Request, app_request: AuthorizationRequest, credentials: Credentials
) -> Response:
    username = credentials.username
    try:
        answer = login.pool.answer(username, credentials.password)
    except Refused as refused:
        if refused.code in _ELSEWHERE:
            page_path = _ELSEWHERE[refused.code]
            return redirect(app_request.url(page_path, prompt="", login_hint=username))
        return password_page(login, app_request, username=username, refused=refusal(refused))
    return continue_sign_in(login, request, app_request, credentials, answer)


def _sign_in_with_passkey(
    login: Login, request: Request, app_request: AuthorizationRequest, username: str
) -> Response:
    try:
        signed_in = login.passkeys.sign_in(request.form["credential"])
    except Refused as refused:
        told = problem([of_passkey(refused)])
        return password_page(login, app_request, username=username, refused=told)
    return complete(
        login,
        request,
        app_request,
        access_token=signed_in.access_token,
        shown_name=signed_in.shown_name,
    )


def _silently(login: Login, request: Request, app_request: AuthorizationRequest) -> Response | None:
    """Return to the app with a code for the signed-in user, or None if there is none.

    If the sign-in is too old or too weak for the app, the user signs in again.
    """
    known = browser_session.current(login, request)
    if known is None:
        return None
    try:
        code = login.hosted_sessions.code(app_request, known, is_new=False)
    except NotEnough:
        _require_that_pages_may_be_shown(app_request)
        return redirect(app_request.url("/login", prompt="login"))
    if code is None:
        # The password was changed, the user was disabled, or the session was revoked.
        browser_session.forget(login, request)
        return None
    return redirect(app_request.callback(code=code))


def _require_that_pages_may_be_shown(app_request: AuthorizationRequest) -> None:
    """Refuse `prompt=none` (OpenID Connect Core, section 3.1.2.6)."""
    if "none" in app_request.prompt:
        raise ErrorRedirect(app_request.redirect_uri, "login_required", state=app_request.state)
