"""The challenges of a sign-in: a code, a new password, an authenticator app, and setting one up.

https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow-challenge.html
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlencode

import segno
from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from local_cognito.login import branding
from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login
from local_cognito.login.errors import Refused
from local_cognito.login.hosted_ui import codes
from local_cognito.login.hosted_ui.completion import complete
from local_cognito.login.hosted_ui.password_page import password_page
from local_cognito.login.memory import Challenge, Credentials
from local_cognito.login.rendering import field, form_page, hidden, problem, refusal
from local_cognito.login.user_pool.pool import Answer

# After this many incorrect answers the user must enter the password again.
MAXIMUM_ATTEMPTS = 5


def continue_sign_in(
    login: Login,
    request: Request,
    app_request: AuthorizationRequest,
    credentials: Credentials,
    answer: Answer,
) -> Response:
    """Return to the app after a correct password, or show the page of the pool's challenge."""
    if not answer.challenge:
        return complete(
            login,
            request,
            app_request,
            access_token=answer.access_token,
            shown_name=credentials.username,
        )
    challenge = Challenge(
        kind=answer.challenge,
        credentials=credentials,
        pool_session=answer.session,
        access_token=answer.access_token,
    )
    if challenge.kind == "MFA_SETUP":
        secret = login.pool.begin_second_factor(challenge.access_token)
        challenge = replace(challenge, secret=secret)
    return _page_of(login, app_request, challenge)


def answer_challenge(login: Login, request: Request, app_request: AuthorizationRequest) -> Response:
    """Check the form of a challenge's page. The number of attempts is limited."""
    challenge = login.challenges.pop(request.form["challenge"])
    if challenge is None:
        late = problem(["This page has expired. Sign in again."])
        return password_page(login, app_request, username=app_request.login_hint, refused=late)
    credentials = challenge.credentials
    also_proven = ""
    try:
        if challenge.kind == "NEW_PASSWORD_REQUIRED":
            password = request.form.get("new_password", "")
            credentials = replace(credentials, password=password)
            login.pool.set_password(credentials.username, password)
            answer = login.pool.answer(credentials.username, password)
        else:
            code = request.form.get("code", "").replace(" ", "")
            if challenge.kind == "MFA_SETUP":
                login.pool.finish_second_factor(challenge.access_token, code)
                answer = Answer(access_token=challenge.access_token)
                also_proven = "otp"
            elif challenge.kind in codes.WAYS:
                answer = codes.check(login, challenge, code)
            else:
                answer = login.pool.answer_code(credentials.username, challenge.pool_session, code)
    except Refused as refused:
        return _again(login, app_request, challenge, refused)
    if answer.challenge:
        return continue_sign_in(login, request, app_request, credentials, answer)
    return complete(
        login,
        request,
        app_request,
        access_token=answer.access_token,
        shown_name=credentials.username,
        also_proven=also_proven,
    )


def _again(
    login: Login, app_request: AuthorizationRequest, challenge: Challenge, refused: Refused
) -> Response:
    attempts = challenge.attempts + 1
    if attempts >= MAXIMUM_ATTEMPTS:
        enough = problem(["Too many incorrect answers. Sign in again."])
        username = challenge.credentials.username
        return password_page(login, app_request, username=username, refused=enough)
    again = replace(challenge, attempts=attempts)
    return _page_of(login, app_request, again, refused=refusal(refused))


def _page_of(
    login: Login,
    app_request: AuthorizationRequest,
    challenge: Challenge,
    *,
    refused: Markup | None = None,
) -> Response:
    if challenge.kind == "NEW_PASSWORD_REQUIRED":
        return form_page(
            "new_password",
            "Choose a new password",
            form_target=app_request.form_target,
            refused=refused,
            action=app_request.url("/login"),
            challenge=hidden("challenge", login.challenges.put(challenge)),
            # Hidden: it tells password managers which user the password belongs to.
            username=Markup(
                '<input type="email" name="username" value="{}" autocomplete="username" hidden>'
            ).format(challenge.credentials.username),
            password=field(
                "new_password",
                "New password",
                kind="password",
                autocomplete="new-password",
                hint=login.pool.password_hint(),
            ),
        )
    if challenge.kind == "SOFTWARE_TOKEN_MFA":
        return form_page(
            "code",
            "Enter your code",
            form_target=app_request.form_target,
            refused=refused,
            action=app_request.url("/login"),
            challenge=hidden("challenge", login.challenges.put(challenge)),
            code=field("code", "Code", autocomplete="one-time-code", numeric=True),
            start_url=app_request.url("/login", login_hint=challenge.credentials.username),
        )
    if challenge.kind in codes.WAYS:
        return codes.code_page(login, app_request, challenge, refused=refused)
    if challenge.kind == "MFA_SETUP":
        return form_page(
            "set_up",
            "Set up an authenticator app",
            form_target=app_request.form_target,
            refused=refused,
            action=app_request.url("/login"),
            challenge=hidden("challenge", login.challenges.put(challenge)),
            qr_code=segno.make(_provisioning_uri(challenge)).svg_data_uri(scale=5),
            secret=challenge.secret,
            code=field("code", "Code", autocomplete="one-time-code", numeric=True),
        )
    unknown = problem([f"This stand-in has no page for the challenge {challenge.kind}."])
    return password_page(
        login, app_request, username=challenge.credentials.username, refused=unknown
    )


def _provisioning_uri(challenge: Challenge) -> str:
    """https://github.com/google/google-authenticator/wiki/Key-Uri-Format"""
    label = quote(f"{branding.SITE_NAME}:{challenge.credentials.username}")
    parameters = {"secret": challenge.secret, "issuer": branding.SITE_NAME}
    return f"otpauth://totp/{label}?{urlencode(parameters)}"
