"""`/oauth2/authorize` and `/login`: from an app's request to a code for it.

https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
https://docs.aws.amazon.com/cognito/latest/developerguide/login-endpoint.html
"""

from __future__ import annotations

from http import HTTPStatus

from werkzeug.wrappers import Request, Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login, address, redirect
from local_cognito.login.errors import BrokenRequest, ErrorRedirect, Refused
from local_cognito.login.hosted_ui import browser_session
from local_cognito.login.hosted_ui.challenges import answer_challenge, go_on
from local_cognito.login.hosted_ui.password_page import password_page
from local_cognito.login.rendering import page, refusal

# Refusals of the right password that lead to another page.
_ELSEWHERE = {
    "UserNotConfirmedException": "/confirmUser",
    "PasswordResetRequiredException": "/forgotPassword",
}


def authorize(login: Login, request: Request) -> Response:
    asked = login.asked(request)
    if asked.identity_provider not in {"", "COGNITO"}:
        # MiniStack knows where to send the browser. It answers this service, but no browser.
        federated = login.aws.get(asked.url("/oauth2/authorize"))
        if federated.status != HTTPStatus.FOUND:
            raise BrokenRequest("The user pool has no such identity provider (identity_provider).")
        return redirect(federated.location)
    if not asked.prompt & {"login", "select_account"}:
        answer = _silently(login, request, asked)
        if answer:
            return answer
    _require_that_pages_may_be_shown(asked)
    return redirect(asked.url("/login"))


def show(login: Login, request: Request) -> Response:
    asked = login.asked(request)
    _require_that_pages_may_be_shown(asked)
    known = browser_session.current(login, request)
    if known is None or "login" in asked.prompt:
        return password_page(login, asked, username=asked.login_hint)
    return page(
        "choose",
        "Continue to the app",
        form_target=asked.form_target,
        username=known.username,
        action=asked.url("/login"),
        other_url=asked.url("/login", prompt="login"),
    )


def submit(login: Login, request: Request) -> Response:
    """The forms of the pages above and of the challenges, which all are sent here."""
    asked = login.asked(request)
    form = request.form
    if "challenge" in form:
        return answer_challenge(login, request, asked)
    if form.get("as") == "signed-in":
        return _silently(login, request, asked) or redirect(asked.url("/login", prompt="login"))
    username, password = address(form.get("username", "")), form.get("password", "")
    try:
        answer = login.pool.answer(username, password)
    except Refused as refused:
        if refused.code in _ELSEWHERE:
            page_path = _ELSEWHERE[refused.code]
            return redirect(asked.url(page_path, prompt="", login_hint=username))
        return password_page(login, asked, username=username, refused=refusal(refused))
    return go_on(login, request, asked, username=username, password=password, answer=answer)


def _silently(login: Login, request: Request, asked: AuthorizationRequest) -> Response | None:
    """Back to the app with a code, for whoever is signed in; None if nobody is any longer."""
    known = browser_session.current(login, request)
    if known is None:
        return None
    code = login.aws.code(asked, known.username, known.password)
    if code is None:
        # The password was changed, or the user disabled, in the meantime.
        browser_session.forget(login, request)
        return None
    return redirect(asked.callback(code=code))


def _require_that_pages_may_be_shown(asked: AuthorizationRequest) -> None:
    """OpenID Connect Core, section 3.1.2.6."""
    if "none" in asked.prompt:
        raise ErrorRedirect(asked.redirect_uri, "login_required", state=asked.state)
