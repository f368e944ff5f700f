"""`/forgotPassword` and `/confirmForgotPassword`: a new password, by a code sent to the address.

https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
"""

from __future__ import annotations

from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login, address, redirect
from local_cognito.login.errors import Refused
from local_cognito.login.rendering import field, form_page, refusal


def show_forgot(login: Login, request: Request) -> Response:
    asked = login.asked(request)
    return _forgot_page(asked, asked.login_hint)


def forgot(login: Login, request: Request) -> Response:
    asked = login.asked(request)
    username = address(request.form.get("email", ""))
    try:
        login.pool.forgot_password(asked.client, username)
    except Refused as refused:
        return _forgot_page(asked, username, refused=refusal(refused))
    # The same for an address that nobody has: the pool does not tell, and neither does this.
    return redirect(asked.url("/confirmForgotPassword", login_hint=username, notice=""))


def show_reset(login: Login, request: Request) -> Response:
    asked = login.asked(request)
    return _reset_page(login, asked, asked.login_hint)


def reset(login: Login, request: Request) -> Response:
    asked = login.asked(request)
    form = request.form
    username = address(form.get("email", ""))
    try:
        login.pool.reset_password(
            asked.client, username, form.get("code", "").strip(), form.get("password", "")
        )
    except Refused as refused:
        return _reset_page(login, asked, username, refused=refusal(refused))
    return redirect(asked.url("/login", login_hint=username, notice="reset"))


def _forgot_page(
    asked: AuthorizationRequest, username: str, *, refused: Markup | None = None
) -> Response:
    return form_page(
        "forgot",
        "Forgot your password?",
        form_target=asked.form_target,
        refused=refused,
        action=asked.url("/forgotPassword"),
        email=field("email", "E-mail", kind="email", autocomplete="username", value=username),
        sign_in_url=asked.url("/login"),
    )


def _reset_page(
    login: Login, asked: AuthorizationRequest, username: str, *, refused: Markup | None = None
) -> Response:
    return form_page(
        "reset",
        "Choose a new password",
        form_target=asked.form_target,
        refused=refused,
        action=asked.url("/confirmForgotPassword"),
        email=field("email", "E-mail", kind="email", autocomplete="username", value=username),
        code=field("code", "Code", autocomplete="one-time-code", numeric=True),
        password=field(
            "password",
            "New password",
            kind="password",
            autocomplete="new-password",
            hint=login.pool.password_hint(),
        ),
        forgot_url=asked.url("/forgotPassword", login_hint=username),
    )
