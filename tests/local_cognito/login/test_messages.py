"""Refusals of the user pool in the words of the application."""

from __future__ import annotations

import logging

import pytest

from local_cognito.login.errors import Refused, RefusedInWords
from local_cognito.login.messages import of_passkey, sentences

COGNITO = "Incorrect username or password."


@pytest.mark.parametrize(
    ("code", "text", "part"),
    [
        ("NotAuthorizedException", COGNITO, "or the password is incorrect. Try again."),
        ("UserNotFoundException", "User does not exist.", "or the password is incorrect."),
        ("NotAuthorizedException", "User is disabled.", "account is disabled. Ask an operator"),
        ("NotAuthorizedException", "Password attempts exceeded", "too many attempts. Wait"),
        (
            "NotAuthorizedException",
            "User cannot be confirmed. Current status is CONFIRMED",
            "account is confirmed. Sign in.",
        ),
        ("NotAuthorizedException", "Invalid session for the user.", "page has expired."),
        ("InvalidParameterException", "Session does not exist", "page has expired."),
        ("InvalidParameterException", "1 validation error detected", "form is not valid. Check it"),
        ("LimitExceededException", "Attempt limit exceeded", "too many attempts. Wait"),
        ("PasswordHistoryPolicyViolationException", "…", "You had this password before."),
        ("SomethingNewException", "An internal text", "This did not work. Start again"),
    ],
)
def test_refusal_is_explained_without_the_text_of_the_pool(code: str, text: str, part: str) -> None:
    [sentence] = sentences(Refused(code, text))
    assert part in sentence
    assert text not in sentence


def test_unknown_refusal_is_in_the_log_with_its_name(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        sentences(Refused("SomethingNewException", "A text that may quote a value"))
    assert caplog.messages == ["The user pool refused a form with SomethingNewException."]


def test_refused_password_gets_a_sentence_for_each_rule() -> None:
    text = "Password did not conform with policy: Password not long enough; Password must have x."
    assert sentences(Refused("InvalidPasswordException", text)) == [
        "Password not long enough.",
        "Password must have x.",
    ]


def test_reason_of_a_trigger_is_shown() -> None:
    text = "PreSignUp failed with error addresses of this domain may not sign up."
    assert sentences(Refused("UserLambdaValidationException", text)) == [
        "This is refused: addresses of this domain may not sign up."
    ]


def test_refusal_of_the_pages_themselves_keeps_its_words() -> None:
    refused = RefusedInWords("NotAuthorizedException", "Write the number with its country code.")
    assert sentences(refused) == ["Write the number with its country code."]
    assert of_passkey(refused) == "Write the number with its country code."


@pytest.mark.parametrize(
    ("code", "text", "part"),
    [
        ("WebAuthnChallengeNotFoundException", "…", "This took too long."),
        ("InvalidParameterException", "This passkey is already registered.", "already has a"),
        ("NotAuthorizedException", COGNITO, "This passkey was not accepted."),
        ("WebAuthnOriginNotAllowedException", "The origin …", "This passkey was not accepted."),
    ],
)
def test_refused_passkey_is_explained(code: str, text: str, part: str) -> None:
    assert part in of_passkey(Refused(code, text))
