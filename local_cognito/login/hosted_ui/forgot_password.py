"""`/forgotPassword` and `/confirmForgotPassword`: choose a new password with a code by e-mail.

https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
"""

from __future__ import annotations

from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login, redirect
from local_cognito.login.errors import Refused
from local_cognito.login.rendering import field, form_page, refusal
from local_cognito.usernames import normalised


def show_forgot(login: Login, request: Request) -> Response:
    app_request = login.requested(request)
    return _forgot_page(app_request, app_request.login_hint)


def forgot(login: Login, request: Request) -> Response:
    app_request = login.requested(request)
    username = normalised(request.form.get("email", ""))
    try:
        login.pool.forgot_password(app_request.client, username)
    except Refused as refused:
        return _forgot_page(app_request, username, refused=refusal(refused))
    # The answer is the same for an unknown address, so that it does not reveal who has an account.
    return redirect(app_request.url("/confirmForgotPassword", login_hint=username, notice=""))


def show_reset(login: Login, request: Request) -> Response:
    app_request = login.requested(request)
    return _reset_page(login, app_request, app_request.login_hint)


def reset(login: Login, request: Request) -> Response:
    app_request = login.requested(request)
    form = request.form
    username = normalised(form.get("email", ""))
    try:
        login.pool.reset_password(
            app_request.client, username, form.get("code", "").strip(), form.get("password", "")
        )
    except Refused as refused:
        return _reset_page(login, app_request, username, refused=refusal(refused))
    return redirect(app_request.url("/login", login_hint=username, notice="reset"))


def _forgot_page(
    app_request: AuthorizationRequest, username: str, *, refused: Markup | None = None
) -> Response:
    return form_page(
        "forgot",
        "Forgot your password?",
        form_target=app_request.form_target,
        refused=refused,
        action=app_request.url("/forgotPassword"),
        email=field("email", "E-mail", kind="email", autocomplete="username", value=username),
        sign_in_url=app_request.url("/login"),
    )


def _reset_page(
    login: Login, app_request: AuthorizationRequest, username: str, *, refused: Markup | None = None
) -> Response:
    return form_page(
        "reset",
        "Choose a new password",
        form_target=app_request.form_target,
        refused=refused,
        action=app_request.url("/confirmForgotPassword"),
        email=field("email", "E-mail", kind="email", autocomplete="username", value=username),
        code=field("code", "Code", autocomplete="one-time-code", numeric=True),
        password=field(
            "password",
            "New password",
            kind="password",
            autocomplete="new-password",
            hint=login.pool.password_hint(),
        ),
        forgot_url=app_request.url("/forgotPassword", login_hint=username),
    )
