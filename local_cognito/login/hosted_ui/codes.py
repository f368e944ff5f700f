"""Sign in with a code by e-mail or text message instead of a password.

The answers are the same for every user name, so that they do not reveal who has an account.
"""

from __future__ import annotations

from markupsafe import Markup
from werkzeug.wrappers import Response

from local_cognito.login.authorization_request import AuthorizationRequest
from local_cognito.login.context import Login
from local_cognito.login.errors import Refused
from local_cognito.login.memory import Challenge, Credentials
from local_cognito.login.rendering import field, form_page, fragment, hidden
from local_cognito.login.user_pool.first_factors import EMAIL_OTP, SMS_OTP
from local_cognito.login.user_pool.pool import Answer

# The title of the page, and where the code is.
WAYS = {
    EMAIL_OTP: ("Enter the code from your e-mail", "by e-mail"),
    SMS_OTP: ("Enter the code from your phone", "by text message"),
}
# The pool knows no such user, or does not let this one sign in with a code.
_HIDDEN = {
    "NotAuthorizedException",
    "PasswordResetRequiredException",
    "UserNotConfirmedException",
    "UserNotFoundException",
}


def begin(login: Login, app_request: AuthorizationRequest, username: str, way: str) -> Response:
    """Send a code, if the user can sign in with one, and ask for it."""
    pool_session = ""
    try:
        answer = login.pool.send_code(username, way)
        if answer.challenge == way:
            pool_session = answer.session
    except Refused as refused:
        if refused.code not in _HIDDEN:
            raise
    challenge = Challenge(
        kind=way, credentials=Credentials(username, ""), pool_session=pool_session
    )
    return code_page(login, app_request, challenge)


def check(login: Login, challenge: Challenge, code: str) -> Answer:
    """Raises Refused."""
    if not challenge.pool_session:
        raise Refused("CodeMismatchException", "No code was sent.")
    return login.pool.answer_sent_code(
        challenge.credentials.username, challenge.pool_session, challenge.kind, code
    )


def code_page(
    login: Login,
    app_request: AuthorizationRequest,
    challenge: Challenge,
    *,
    refused: Markup | None = None,
) -> Response:
    title, where = WAYS[challenge.kind]
    username = challenge.credentials.username
    action = app_request.url("/login", notice="")
    return form_page(
        "sent_code",
        title,
        form_target=app_request.form_target,
        refused=refused,
        action=action,
        username=username,
        where=where,
        challenge=hidden("challenge", login.challenges.put(challenge)),
        code=field("code", "Code", autocomplete="one-time-code", numeric=True),
        again=fragment(
            "ways_code",
            action=action,
            username=hidden("username", username),
            way=challenge.kind,
            text="Send another code",
        ),
        known_username=hidden("username", username),
    )
