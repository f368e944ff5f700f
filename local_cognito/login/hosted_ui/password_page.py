"""The pages where sign-ins start, and start again after a failure.

In a pool that allows passwords only, that is one form for user name and password. Otherwise a user
first gives a name, and then chooses a way. The pages offer the same ways for every name, so that
they do not reveal who has an account.
"""

from __future__ import annotations

from markupsafe import Markup
from werkzeug.wrappers import Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login
from local_cognito.login.hosted_ui.demo_users import demo_users
from local_cognito.login.rendering import field, form_page, fragment, hidden, notice
from local_cognito.login.user_pool.first_factors import (
    EMAIL_OTP,
    PASSWORD,
    SMS_OTP,
    WEB_AUTHN,
)

SIGN_IN_OPTIONS = "/passkeys/sign-in-options"

_CODES = {EMAIL_OTP: "E-mail me a code", SMS_OTP: "Send me a code by text message"}


def password_page(
    login: Login, app_request: AuthorizationRequest, *, username: str, refused: Markup | None = None
) -> Response:
    """Return the first page; or, after a failure, the one where the sign-in continues."""
    factors = login.pool.first_factors()
    if factors == (PASSWORD,):
        return _only_password(login, app_request, username, refused)
    if username and refused:
        return ways_page(login, app_request, username=username, refused=refused)
    return form_page(
        "start",
        "Sign in",
        form_target=app_request.form_target,
        refused=refused,
        said=notice(dict(app_request.parameters).get("notice", "")),
        action=app_request.url("/login", notice=""),
        email=field(
            "username", "E-mail", kind="email", autocomplete="username webauthn", value=username
        ),
        forgot=_forgot_link(app_request) if PASSWORD in factors else "",
        passkey=passkey_form(app_request, offers_in_field=True) if WEB_AUTHN in factors else "",
        sign_up=_sign_up_link(login, app_request),
        demo_users=demo_users(login, app_request) if PASSWORD in factors else "",
    )


def ways_page(
    login: Login, app_request: AuthorizationRequest, *, username: str, refused: Markup | None = None
) -> Response:
    """Return the page where a user chooses how to sign in."""
    factors = login.pool.first_factors()
    known = hidden("username", username)
    action = app_request.url("/login", notice="")
    password = Markup()
    if PASSWORD in factors:
        password = fragment(
            "ways_password",
            action=action,
            # Hidden: it tells password managers which user the password belongs to.
            username=Markup(
                '<input type="email" name="username" value="{}" autocomplete="username" hidden>'
            ).format(username),
            password=field(
                "password", "Password", kind="password", autocomplete="current-password"
            ),
            forgot_url=app_request.url(
                "/forgotPassword", prompt="", notice="", login_hint=username
            ),
        )
    codes = (
        fragment("ways_code", action=action, username=known, way=way, text=text)
        for way, text in _CODES.items()
        if way in factors
    )
    return form_page(
        "ways",
        "Choose how to sign in",
        form_target=app_request.form_target,
        refused=refused,
        username=username,
        start_url=app_request.url("/login", notice="", login_hint=""),
        password=password,
        passkey=passkey_form(app_request, username=known) if WEB_AUTHN in factors else "",
        codes=Markup().join(codes),
    )


def passkey_form(
    app_request: AuthorizationRequest, *, username: str = "", offers_in_field: bool = False
) -> Markup:
    """Return the button that signs in with a passkey.

    With `offers_in_field`, the browser also offers passkeys in the field for the user name.
    """
    return fragment(
        "passkey_form",
        action=app_request.url("/login", notice=""),
        ceremony="get",
        options_url=SIGN_IN_OPTIONS,
        autofill=Markup(" data-autofill") if offers_in_field else "",
        username=username,
        secondary=" secondary",
        text="Sign in with a passkey",
    )


def _only_password(
    login: Login, app_request: AuthorizationRequest, username: str, refused: Markup | None
) -> Response:
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
        sign_up=_sign_up_link(login, app_request),
        demo_users=demo_users(login, app_request),
    )


def _forgot_link(app_request: AuthorizationRequest) -> Markup:
    return Markup('<p class="aside"><a href="{}">Forgot your password?</a></p>').format(
        app_request.url("/forgotPassword", prompt="", notice="")
    )


def _sign_up_link(login: Login, app_request: AuthorizationRequest) -> Markup:
    if not login.pool.allows_sign_up():
        return Markup()
    return Markup('<p class="below">New here? <a href="{}">Create an account</a></p>').format(
        app_request.url("/signup", prompt="", notice="")
    )
