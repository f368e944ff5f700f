"""The form for user name and password, where sign-ins start, and start again after a failure."""

from __future__ import annotations

from markupsafe import Markup
from werkzeug.wrappers import Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login
from local_cognito.login.rendering import field, form_page, notice


def password_page(
    login: Login, app_request: AuthorizationRequest, *, username: str, refused: Markup | None = None
) -> Response:
    sign_up = Markup()
    if login.pool.allows_sign_up():
        sign_up = Markup(
            '<p class="below">New here? <a href="{}">Create an account</a></p>'
        ).format(app_request.url("/signup", prompt="", notice=""))
    return form_page(
        "sign_in",
        "Sign in",
        form_target=app_request.form_target,
        refused=refused,
        said=notice(dict(app_request.parameters).get("notice", "")),
        action=app_request.url("/login", notice=""),
        email=field("username", "E-mail", kind="email", autocomplete="username", value=username),
        password=field("password", "Password", kind="password", autocomplete="current-password"),
        forgot_url=app_request.url("/forgotPassword", prompt="", notice=""),
        sign_up=sign_up,
    )
