"""`/signup`, `/confirmUser` and `/resendcode`: from nobody to a confirmed user.

https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
"""

from __future__ import annotations

import re

from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login, address, redirect
from local_cognito.login.errors import BrokenRequest, Refused
from local_cognito.login.hosted_ui.challenges import go_on
from local_cognito.login.rendering import field, form_page, hidden, notice, page, refusal
from local_cognito.login.signed_in import Session

# E.164, the same as the API's rule (cognito.attributes.phone_numbers).
PHONE_NUMBER = r"^\+[1-9][0-9]{1,14}\Z"
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
        require_phone_number(entered.get("phone_number"))
        must_confirm = login.pool.sign_up(
            asked.client, username, request.form.get("password", ""), entered
        )
    except Refused as refused:
        return _sign_up_page(login, asked, entered, refused=refusal(refused))
    newcomer = Session(username, request.form.get("password", ""))
    if must_confirm:
        key = login.newcomers.put(newcomer)
        return _confirm_page(asked, username, newcomer_key=key)
    return _welcome(login, request, asked, newcomer)


def show_confirm(login: Login, request: Request) -> Response:
    """The page for the code; with the code in the address, what a link in a mail leads to."""
    if "confirmation_code" in request.args:
        return _confirm_by_link(login, request)
    asked = login.asked(request)
    return _confirm_page(asked, asked.login_hint, newcomer_key="")


def confirm(login: Login, request: Request) -> Response:
    """Who has just signed up goes on to the app; others know their password, and sign in."""
    asked = login.asked(request)
    username, key = address(request.form.get("email", "")), request.form.get("newcomer", "")
    try:
        login.pool.confirm(asked.client, username, request.form.get("code", "").strip())
    except Refused as refused:
        return _confirm_page(asked, username, newcomer_key=key, refused=refusal(refused))
    newcomer = login.newcomers.pop(key)
    if newcomer and newcomer.username == username:
        return _welcome(login, request, asked, newcomer)
    return redirect(asked.url("/login", login_hint=username, notice="confirmed"))


def resend_code(login: Login, request: Request) -> Response:
    asked = login.asked(request)
    username, key = address(request.form.get("email", "")), request.form.get("newcomer", "")
    try:
        login.pool.resend_code(asked.client, username)
    except Refused as refused:
        return _confirm_page(asked, username, newcomer_key=key, refused=refusal(refused))
    return _confirm_page(asked, username, newcomer_key=key, said=notice("sent"))


def _welcome(
    login: Login, request: Request, asked: AuthorizationRequest, newcomer: Session
) -> Response:
    """As Cognito does: a second factor may still stand between."""
    answer = login.pool.answer(newcomer.username, newcomer.password)
    return go_on(
        login,
        request,
        asked,
        username=newcomer.username,
        password=newcomer.password,
        answer=answer,
    )


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


def require_phone_number(unverified: str | None) -> None:
    """Raises Refused for one that Cognito does not take. MiniStack takes any."""
    if unverified is not None and re.fullmatch(PHONE_NUMBER, unverified) is None:
        raise Refused(
            "InvalidParameterException",
            "Write the phone number as +441632960000: country code first, no spaces.",
        )


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
    asked: AuthorizationRequest,
    username: str,
    *,
    newcomer_key: str,
    refused: Markup | None = None,
    said: Markup = Markup(),  # noqa: B008 - immutable
) -> Response:
    return form_page(
        "confirm",
        "Confirm your account",
        form_target=asked.form_target,
        refused=refused,
        said=said,
        action=asked.url("/confirmUser"),
        newcomer=hidden("newcomer", newcomer_key),
        email=field("email", "E-mail", kind="email", autocomplete="username", value=username),
        code=field("code", "Code", autocomplete="one-time-code", numeric=True),
        resend_url=asked.url("/resendcode"),
        known_email=hidden("email", username),
    )
