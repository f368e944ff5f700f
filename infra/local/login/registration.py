"""`/signup`, `/confirmUser` and `/resendcode`: from nobody to a confirmed user.

https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
"""

from __future__ import annotations

from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from infra.local.login.authorization_request import AuthorizationRequest
from infra.local.login.context import Login, address, redirect
from infra.local.login.errors import BrokenRequest, Refused
from infra.local.login.pages import field, form_page, notice, page, refusal

# Standard attributes with an input of their own kind; the others are text.
# https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
_KINDS = {
    "birthdate": ("date", "bday"),
    "family_name": ("text", "family-name"),
    "given_name": ("text", "given-name"),
    "name": ("text", "name"),
    "phone_number": ("tel", "tel"),
    "website": ("url", "url"),
}


def show_sign_up(login: Login, request: Request) -> Response:
    asked = login.asked(request)
    return _sign_up_page(login, asked, {"email": asked.login_hint})


def sign_up(login: Login, request: Request) -> Response:
    asked = login.asked(request)
    # What the pool does not require is not taken: `email_verified`, say, or custom attributes.
    names = ("email", *login.pool.required_attributes())
    entered = {name: request.form.get(name, "").strip() for name in names}
    entered["email"] = username = address(entered["email"])
    try:
        _require_sign_up(login)
        must_confirm = login.pool.sign_up(
            asked.client, username, request.form.get("password", ""), entered
        )
    except Refused as refused:
        return _sign_up_page(login, asked, entered, refused=refusal(refused))
    if must_confirm:
        return redirect(asked.url("/confirmUser", login_hint=username, notice=""))
    return redirect(asked.url("/login", login_hint=username, notice="confirmed"))


def show_confirm(login: Login, request: Request) -> Response:
    """The page for the code; with the code in the address, what a link in a mail leads to."""
    if "confirmation_code" in request.args:
        return _confirm_by_link(login, request)
    asked = login.asked(request)
    return _confirm_page(asked, asked.login_hint)


def confirm(login: Login, request: Request) -> Response:
    asked = login.asked(request)
    username = address(request.form.get("email", ""))
    try:
        login.pool.confirm(asked.client, username, request.form.get("code", "").strip())
    except Refused as refused:
        return _confirm_page(asked, username, refused=refusal(refused))
    return redirect(asked.url("/login", login_hint=username, notice="confirmed"))


def resend_code(login: Login, request: Request) -> Response:
    asked = login.asked(request)
    username = address(request.form.get("email", ""))
    try:
        login.pool.resend_code(asked.client, username)
    except Refused as refused:
        return _confirm_page(asked, username, refused=refusal(refused))
    return redirect(asked.url("/confirmUser", login_hint=username, notice="sent"))


def _confirm_by_link(login: Login, request: Request) -> Response:
    client = login.pool.app_client(request.args.get("client_id", ""))
    if client is None:
        raise BrokenRequest("The app client (client_id) does not exist in this user pool.")
    username = address(request.args.get("user_name", ""))
    try:
        login.pool.confirm(client, username, request.args["confirmation_code"])
    except Refused:
        raise BrokenRequest("This link is not valid, or no longer.") from None
    return page("message", "Your account is confirmed", text="You can sign in to the app now.")


def _require_sign_up(login: Login) -> None:
    if not login.pool.allows_sign_up():
        raise Refused("NotAuthorizedException", "In this user pool, operators alone create users.")


def _sign_up_page(
    login: Login,
    asked: AuthorizationRequest,
    entered: dict[str, str],
    *,
    refused: Markup | None = None,
) -> Response:
    fields = [
        field("email", "E-mail", kind="email", autocomplete="username", value=entered["email"])
    ]
    for name in login.pool.required_attributes():
        kind, autocomplete = _KINDS.get(name, ("text", "off"))
        label = name.removeprefix("custom:").replace("_", " ").capitalize()
        value = entered.get(name, "")
        fields.append(field(name, label, kind=kind, autocomplete=autocomplete, value=value))
    fields.append(
        field(
            "password",
            "Password",
            kind="password",
            autocomplete="new-password",
            hint=login.pool.password_hint(),
        )
    )
    return form_page(
        "sign_up",
        "Create an account",
        form_target=asked.form_target,
        refused=refused,
        action=asked.url("/signup"),
        fields=Markup("\n").join(fields),
        sign_in_url=asked.url("/login"),
    )


def _confirm_page(
    asked: AuthorizationRequest, username: str, *, refused: Markup | None = None
) -> Response:
    return form_page(
        "confirm",
        "Confirm your account",
        form_target=asked.form_target,
        refused=refused,
        said=notice(dict(asked.parameters).get("notice", "")),
        action=asked.url("/confirmUser", notice=""),
        email=field("email", "E-mail", kind="email", autocomplete="username", value=username),
        code=field("code", "Code", autocomplete="one-time-code", numeric=True),
        resend_url=asked.url("/resendcode", notice=""),
        known_email=username,
    )
