"""The page that asks who it is, where every sign-in begins and failed ones begin again."""

from __future__ import annotations

from markupsafe import Markup
from werkzeug.wrappers import Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login
from local_cognito.login.rendering import field, form_page, notice


def password_page(
    login: Login, asked: AuthorizationRequest, *, username: str, refused: Markup | None = None
) -> Response:
    sign_up = Markup()
    if login.pool.allows_sign_up():
        sign_up = Markup(
            '<p class="below">New here? <a href="{}">Create an account</a></p>'
        ).format(asked.url("/signup", prompt="", notice=""))
    return form_page(
        "sign_in",
        "Sign in",
        form_target=asked.form_target,
        refused=refused,
        said=notice(dict(asked.parameters).get("notice", "")),
        action=asked.url("/login", notice=""),
        email=field("username", "E-mail", kind="email", autocomplete="username", value=username),
        password=field("password", "Password", kind="password", autocomplete="current-password"),
        forgot_url=asked.url("/forgotPassword", prompt="", notice=""),
        sign_up=sign_up,
    )
