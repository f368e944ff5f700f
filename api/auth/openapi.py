"""The operations of `auth/…` in the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import PolymorphicProxySerializer

from api.auth.password import ForgotPasswordView, ResetPasswordView
from api.auth.serializers import (
    Challenge,
    ChallengeRequest,
    ConfirmRequest,
    EmailRequest,
    NextStep,
    RefreshTokenRequest,
    ResetPasswordRequest,
    SignInRequest,
    SignUpRequest,
    Tokens,
)
from api.auth.sign_in import ChallengeView, SignInView
from api.auth.sign_up import ConfirmView, ResendCodeView, SignUpView
from api.auth.tokens import RefreshView, SignOutEverywhereView, SignOutView
from api.operation import Operation, Operations

TAG: Final = "Signing in without a browser"
THROTTLED: Final = frozenset({429})
# The credentials are in the body, so the 401 does not follow from authentication.
CREDENTIALS: Final = frozenset({401, 429})

EMAIL: Final = {"email": "ada@example.com"}
PASSWORD: Final = "correct horse battery"  # noqa: S105 # an example
SESSION: Final = "gAAAAABl…"
REQUEST_OPTIONS: Final = {
    "challenge": "kPzGvG3F1…",
    "rpId": "example.com",
    "allowCredentials": [{"type": "public-key", "id": "q1Zc…", "transports": ["internal"]}],
    "userVerification": "preferred",
    "timeout": 60000,
}
CREDENTIAL: Final = {
    "id": "q1Zc…",
    "rawId": "q1Zc…",
    "type": "public-key",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoi…",
        "authenticatorData": "SZYN5YgO…",
        "signature": "MEUCIQ…",
        "userHandle": "MzUzMTk5…",
    },
    "clientExtensionResults": {},
}
TOKENS: Final = {
    "access_token": "eyJraWQiOiI…",
    "id_token": "eyJraWQiOiI…",
    "refresh_token": "eyJjdHkiOiJ…",
    "token_type": "Bearer",
    "expires_in": 900,
}


def tokens_or_challenge() -> Any:
    """Return the union of both responses. Their members distinguish them."""
    return PolymorphicProxySerializer(
        component_name="SignInOutcome",
        serializers=[Tokens, Challenge],
        resource_type_field_name=None,
    )


OPERATIONS: Final[Operations] = {
    SignUpView: {
        "post": Operation(
            id="signUp",
            summary="Create an account",
            description="Cognito sends a code to the address. The answer is the same whether the "
            "address has an account or not.",
            tag=TAG,
            takes=SignUpRequest,
            gives={202: NextStep},
            errors=THROTTLED | {403},
            sent=EMAIL | {"password": PASSWORD, "name": "Ada Lovelace"},
            answered={"next_step": "confirm"},
        )
    },
    ConfirmView: {
        "post": Operation(
            id="confirmSignUp",
            summary="Confirm a new account",
            description="Takes the code that Cognito sent to the address. Also send the password "
            "of the sign-up: it becomes the only password of the account, even if another user "
            "signed up with the address. An unknown account gets the same answer as a wrong code.",
            tag=TAG,
            takes=ConfirmRequest,
            gives={204: None},
            errors=THROTTLED,
            sent=EMAIL | {"code": "123456", "password": PASSWORD},
        )
    },
    ResendCodeView: {
        "post": Operation(
            id="resendCode",
            summary="Send another confirmation code",
            description="The answer is the same for every address.",
            tag=TAG,
            takes=EmailRequest,
            gives={202: NextStep},
            errors=THROTTLED,
            sent=EMAIL,
            answered={"next_step": "confirm"},
        )
    },
    SignInView: {
        "post": Operation(
            id="signIn",
            summary="Sign in",
            description="Returns tokens, or a challenge that you must answer first. Without "
            "`password`, the challenge is `SELECT_CHALLENGE` with the first factors to choose "
            "from (`choices`), or the `preferred` one: a passkey (`WEB_AUTHN`, with "
            "`request_options` for the browser) or a code by e-mail or SMS. It is the same whether "
            "the address has an account or not. `acr_values` names the levels that the sign-in "
            "must reach. It needs `password`, or `access_token` in its place: the user then proves "
            "only what the sign-in of that token lacks.",
            tag=TAG,
            takes=SignInRequest,
            gives={200: tokens_or_challenge()},
            errors=CREDENTIALS | {409},
            sent=EMAIL | {"password": PASSWORD},
            answered=TOKENS,
            more_sent={"byChoice": EMAIL, "byPasskey": EMAIL | {"preferred": "WEB_AUTHN"}},
            more_answered={
                "select": {
                    "challenge": "SELECT_CHALLENGE",
                    "session": SESSION,
                    "parameters": {"choices": ["WEB_AUTHN", "EMAIL_OTP", "PASSWORD"]},
                },
                "passkey": {
                    "challenge": "WEB_AUTHN",
                    "session": SESSION,
                    "parameters": {"request_options": REQUEST_OPTIONS},
                },
            },
        )
    },
    ChallengeView: {
        "post": Operation(
            id="answerChallenge",
            summary="Answer the challenge of a sign-in",
            description="Returns tokens, or the next challenge. `answers` contains what the "
            "challenge asks for: `code`, `password`, `mfa`, `credential` of a passkey, `factor` "
            "(and `password`, if that is the factor), or `new_password` with each attribute in "
            "`required_attributes` by its name.",
            tag=TAG,
            takes=ChallengeRequest,
            gives={200: tokens_or_challenge()},
            errors=CREDENTIALS,
            sent=EMAIL
            | {
                "challenge": "NEW_PASSWORD_REQUIRED",
                "session": SESSION,
                "answers": {"new_password": PASSWORD},
            },
            answered=TOKENS,
            more_sent={
                "choice": EMAIL
                | {
                    "challenge": "SELECT_CHALLENGE",
                    "session": SESSION,
                    "answers": {"factor": "EMAIL_OTP"},
                },
                "code": EMAIL
                | {"challenge": "EMAIL_OTP", "session": SESSION, "answers": {"code": "12345678"}},
                "passkey": EMAIL
                | {
                    "challenge": "WEB_AUTHN",
                    "session": SESSION,
                    "answers": {"credential": CREDENTIAL},
                },
            },
        )
    },
    RefreshView: {
        "post": Operation(
            id="refreshTokens",
            summary="Refresh the tokens",
            description="Store the refresh token of the answer. It is a new one if the user pool "
            "rotates refresh tokens.",
            tag=TAG,
            takes=RefreshTokenRequest,
            gives={200: Tokens},
            errors=CREDENTIALS,
            sent={"refresh_token": TOKENS["refresh_token"]},
            answered=TOKENS,
        )
    },
    SignOutView: {
        "post": Operation(
            id="signOut",
            summary="Sign out",
            description="Revokes the refresh token and all other tokens of the same sign-in. "
            "A second call returns the same answer.",
            tag=TAG,
            takes=RefreshTokenRequest,
            gives={204: None},
            errors=CREDENTIALS,
            sent={"refresh_token": TOKENS["refresh_token"]},
        )
    },
    SignOutEverywhereView: {
        "post": Operation(
            id="signOutEverywhere",
            summary="Sign out on every device",
            description="Ends all browser sessions of the user, and revokes all refresh tokens and "
            "bearer tokens issued so far.",
            tag=TAG,
            gives={204: None},
        )
    },
    ForgotPasswordView: {
        "post": Operation(
            id="requestPasswordReset",
            summary="Send a code to reset a password",
            description="The answer is the same for every address.",
            tag=TAG,
            takes=EmailRequest,
            gives={202: NextStep},
            errors=THROTTLED,
            sent=EMAIL,
            answered={"next_step": "reset-password"},
        )
    },
    ResetPasswordView: {
        "post": Operation(
            id="resetPassword",
            summary="Reset a password",
            description="Takes the code that Cognito sent to the address. An unknown account gets "
            "the same answer as a wrong code.",
            tag=TAG,
            takes=ResetPasswordRequest,
            gives={204: None},
            errors=THROTTLED,
            sent=EMAIL | {"code": "123456", "new_password": PASSWORD},
        )
    },
}
