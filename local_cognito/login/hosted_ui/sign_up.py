"""`/signup`, `/confirmUser` and `/resendcode`: create and confirm a user.

https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
"""

from __future__ import annotations

import re
from dataclasses import replace

from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login, redirect
from local_cognito.login.errors import BrokenRequest, Refused, RefusedInWords
from local_cognito.login.hosted_ui.challenges import continue_sign_in
from local_cognito.login.hosted_ui.completion import OFFER
from local_cognito.login.memory import Credentials
from local_cognito.login.rendering import field, form_page, hidden, notice, page, refusal
from local_cognito.usernames import normalised

# E.164, as in the API (cognito.attributes.phone_numbers).
PHONE_NUMBER = r"^\+[1-9][0-9]{1,14}\Z"
# Standard attributes whose inputs are not of the kind text.
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
    app_request = login.requested(request)
    return _sign_up_page(login, app_request, {"email": app_request.login_hint})


def sign_up(login: Login, request: Request) -> Response:
    app_request = login.requested(request)
    # Other attributes, such as `email_verified` and custom ones, are ignored.
    names = ("email", *login.pool.required_attributes())
    entered = {name: request.form.get(name, "").strip() for name in names}
    entered["email"] = username = normalised(entered["email"])
    try:
        _require_sign_up(login)
        require_phone_number(entered.get("phone_number"))
        must_confirm = login.pool.sign_up(
            app_request.client, username, request.form.get("password", ""), entered
        )
    except Refused as refused:
        return _sign_up_page(login, app_request, entered, refused=refusal(refused))
    newcomer = Credentials(username, request.form.get("password", ""))
    if must_confirm:
        key = login.sign_ups.put(newcomer)
        return _confirm_page(app_request, username, newcomer_key=key)
    return _welcome(login, request, app_request, newcomer)


def show_confirm(login: Login, request: Request) -> Response:
    """Show the form for the code. Check a code in the address, which is a link in an e-mail."""
    if "confirmation_code" in request.args:
        return _confirm_by_link(login, request)
    app_request = login.requested(request)
    return _confirm_page(app_request, app_request.login_hint, newcomer_key="")


def confirm(login: Login, request: Request) -> Response:
    """Confirm a user. One who has just signed up continues to the app, others sign in."""
    app_request = login.requested(request)
    username, key = normalised(request.form.get("email", "")), request.form.get("newcomer", "")
    try:
        login.pool.confirm(app_request.client, username, request.form.get("code", "").strip())
    except Refused as refused:
        return _confirm_page(app_request, username, newcomer_key=key, refused=refusal(refused))
    newcomer = login.sign_ups.pop(key)
    if newcomer and newcomer.username == username:
        return _welcome(login, request, app_request, newcomer)
    return redirect(app_request.url("/login", login_hint=username, notice="confirmed"))


def resend_code(login: Login, request: Request) -> Response:
    app_request = login.requested(request)
    username, key = normalised(request.form.get("email", "")), request.form.get("newcomer", "")
    try:
        login.pool.resend_code(app_request.client, username)
    except Refused as refused:
        return _confirm_page(app_request, username, newcomer_key=key, refused=refusal(refused))
    return _confirm_page(app_request, username, newcomer_key=key, said=notice("sent"))


def _welcome(
    login: Login, request: Request, app_request: AuthorizationRequest, newcomer: Credentials
) -> Response:
    """Sign a new user in, as Cognito does, and offer a passkey.

    The pool may still ask for a second factor.
    """
    app_request = replace(app_request, parameters=(*app_request.parameters, ("then", OFFER)))
    answer = login.pool.answer(newcomer.username, newcomer.password)
    return continue_sign_in(login, request, app_request, newcomer, answer)


def _confirm_by_link(login: Login, request: Request) -> Response:
    client = login.pool.app_client(request.args.get("client_id", ""))
    if client is None:
        raise BrokenRequest("The app client (client_id) does not exist in this user pool.")
    username = normalised(request.args.get("user_name", ""))
    try:
        login.pool.confirm(client, username, request.args["confirmation_code"])
    except Refused:
        raise BrokenRequest(
            "This link is invalid or has expired. Sign in to get another code."
        ) from None
    return page("message", "Your account is confirmed", text="Sign in to the app now.")


def require_phone_number(unverified: str | None) -> None:
    """Raise RefusedInWords for a number that Cognito refuses. MiniStack accepts any."""
    if unverified is not None and re.fullmatch(PHONE_NUMBER, unverified) is None:
        raise RefusedInWords(
            "InvalidParameterException",
            "Write the phone number with its country code and without spaces: +441632960000.",
        )


def _require_sign_up(login: Login) -> None:
    if not login.pool.allows_sign_up():
        raise RefusedInWords(
            "NotAuthorizedException",
            "You cannot create an account here. Operators invite users.",
        )


def _sign_up_page(
    login: Login,
    app_request: AuthorizationRequest,
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
        form_target=app_request.form_target,
        refused=refused,
        action=app_request.url("/signup"),
        fields=Markup("\n").join(fields),
        sign_in_url=app_request.url("/login"),
    )


def _confirm_page(
    app_request: AuthorizationRequest,
    username: str,
    *,
    newcomer_key: str,
    refused: Markup | None = None,
    said: Markup = Markup(),  # noqa: B008 - immutable
) -> Response:
    return form_page(
        "confirm",
        "Confirm your account",
        form_target=app_request.form_target,
        refused=refused,
        said=said,
        action=app_request.url("/confirmUser"),
        newcomer=hidden("newcomer", newcomer_key),
        email=field("email", "E-mail", kind="email", autocomplete="username", value=username),
        code=field("code", "Code", autocomplete="one-time-code", numeric=True),
        resend_url=app_request.url("/resendcode"),
        known_email=hidden("email", username),
    )
