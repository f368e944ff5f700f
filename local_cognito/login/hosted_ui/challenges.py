"""New password, authenticator app, and setting one up: until nothing is left but the code.

https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow-challenge.html
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlencode

import segno
from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.challenge import MAXIMUM_ATTEMPTS, Challenge
from local_cognito.login.context import Login, redirect
from local_cognito.login.errors import Refused
from local_cognito.login.hosted_ui import browser_session
from local_cognito.login.hosted_ui.password_page import password_page
from local_cognito.login.rendering import field, form_page, hidden, problem, refusal
from local_cognito.login.signed_in import Session
from local_cognito.login.user_pool.pool import Answer

_ISSUER = "Gatehouse"


def go_on(
    login: Login,
    request: Request,
    asked: AuthorizationRequest,
    *,
    username: str,
    password: str,
    answer: Answer,
) -> Response:
    """After a right password: back to the app, or to what the pool asks for next."""
    if not answer.challenge:
        return _complete(login, request, asked, username=username, password=password)
    challenge = Challenge(
        kind=answer.challenge,
        username=username,
        password=password,
        pool_session=answer.session,
        access_token=answer.access_token,
    )
    if challenge.kind == "MFA_SETUP":
        secret = login.pool.begin_second_factor(challenge.access_token)
        challenge = replace(challenge, secret=secret)
    return _page_of(login, asked, challenge)


def answer_challenge(login: Login, request: Request, asked: AuthorizationRequest) -> Response:
    """What a challenge's page sends. A wrong answer may be tried again, but not for ever."""
    challenge = login.challenges.pop(request.form["challenge"])
    if challenge is None:
        late = problem(["That took too long. Please sign in again."])
        return password_page(login, asked, username=asked.login_hint, refused=late)
    password = challenge.password
    try:
        if challenge.kind == "NEW_PASSWORD_REQUIRED":
            password = request.form.get("new_password", "")
            login.pool.set_password(challenge.username, password)
            answer = login.pool.answer(challenge.username, password)
        else:
            _check_code(login, challenge, request.form.get("code", "").replace(" ", ""))
            answer = Answer()
    except Refused as refused:
        return _again(login, asked, challenge, refused)
    return go_on(
        login, request, asked, username=challenge.username, password=password, answer=answer
    )


def _again(
    login: Login, asked: AuthorizationRequest, challenge: Challenge, refused: Refused
) -> Response:
    attempts = challenge.attempts + 1
    if attempts >= MAXIMUM_ATTEMPTS:
        enough = problem(["That was wrong too often. Please sign in again."])
        return password_page(login, asked, username=challenge.username, refused=enough)
    again = replace(challenge, attempts=attempts)
    return _page_of(login, asked, again, refused=refusal(refused))


def _check_code(login: Login, challenge: Challenge, code: str) -> None:
    if challenge.kind == "MFA_SETUP":
        login.pool.finish_second_factor(challenge.access_token, code)
    else:
        login.pool.answer_code(challenge.username, challenge.pool_session, code)


def _complete(
    login: Login, request: Request, asked: AuthorizationRequest, *, username: str, password: str
) -> Response:
    code = login.aws.code(asked, username, password)
    if code is None:
        wrong = problem(["Incorrect username or password."])
        return password_page(login, asked, username=username, refused=wrong)
    response = redirect(asked.callback(code=code))
    browser_session.begin(login, request, response, Session(username, password))
    return response


def _page_of(
    login: Login,
    asked: AuthorizationRequest,
    challenge: Challenge,
    *,
    refused: Markup | None = None,
) -> Response:
    if challenge.kind == "NEW_PASSWORD_REQUIRED":
        return form_page(
            "new_password",
            "Choose a new password",
            form_target=asked.form_target,
            refused=refused,
            action=asked.url("/login"),
            challenge=hidden("challenge", login.challenges.put(challenge)),
            # Hidden, so that password managers know whose password it is.
            username=Markup(
                '<input type="email" name="username" value="{}" autocomplete="username" hidden>'
            ).format(challenge.username),
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
            form_target=asked.form_target,
            refused=refused,
            action=asked.url("/login"),
            challenge=hidden("challenge", login.challenges.put(challenge)),
            code=field("code", "Code", autocomplete="one-time-code", numeric=True),
            start_url=asked.url("/login", login_hint=challenge.username),
        )
    if challenge.kind == "MFA_SETUP":
        return form_page(
            "set_up",
            "Set up an authenticator app",
            form_target=asked.form_target,
            refused=refused,
            action=asked.url("/login"),
            challenge=hidden("challenge", login.challenges.put(challenge)),
            qr_code=segno.make(_provisioning_uri(challenge)).svg_data_uri(scale=5),
            secret=challenge.secret,
            code=field("code", "Code", autocomplete="one-time-code", numeric=True),
        )
    unknown = problem([f"This stand-in has no page for the challenge {challenge.kind}."])
    return password_page(login, asked, username=challenge.username, refused=unknown)


def _provisioning_uri(challenge: Challenge) -> str:
    """https://github.com/google/google-authenticator/wiki/Key-Uri-Format"""
    label = quote(f"{_ISSUER}:{challenge.username}")
    return f"otpauth://totp/{label}?{urlencode({'secret': challenge.secret, 'issuer': _ISSUER})}"
