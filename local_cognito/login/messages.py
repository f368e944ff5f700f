"""What the pages say about a refusal, in the words of the application and not of Cognito."""

from __future__ import annotations

import logging
import re

from local_cognito.login.errors import Refused, RefusedInWords

logger = logging.getLogger(__name__)

# Messages at the top of a page, which the address of a redirect names.
NOTICES = {
    "confirmed": "Your account is confirmed. Sign in now.",
    "reset": "Your password is changed. Sign in with it now.",
    "sent": "If this address has an unconfirmed account, another code is on its way.",
}

_WRONG = "The e-mail address or the password is incorrect. Try again."
_WRONG_CODE = "This code is incorrect. Try again."
_TOO_MANY = "There were too many attempts. Wait a few minutes, then try again."

# Exceptions whose text says more than their name.
_TEXTS = (
    ("NotAuthorizedException", "disabled", "This account is disabled. Ask an operator to help."),
    ("NotAuthorizedException", "attempts exceeded", _TOO_MANY),
    (
        "NotAuthorizedException",
        "cannot be confirmed",
        "This account is confirmed. Sign in.",
    ),
    ("NotAuthorizedException", "session", "This page has expired. Start again."),
    ("InvalidParameterException", "session", "This page has expired. Start again."),
)
_NAMES = {
    "AliasExistsException": "This e-mail address is already in use.",
    "CodeDeliveryFailureException": "No code could be sent. Check the address and try again.",
    "CodeMismatchException": _WRONG_CODE,
    "EnableSoftwareTokenMFAException": _WRONG_CODE,
    "ExpiredCodeException": "There is no valid code for this address. Send another code.",
    "InvalidParameterException": "Something in this form is not valid. Check it and try again.",
    "LimitExceededException": _TOO_MANY,
    "NotAuthorizedException": _WRONG,
    "PasswordHistoryPolicyViolationException": "You had this password before. Choose another one.",
    "TooManyFailedAttemptsException": _TOO_MANY,
    "TooManyRequestsException": _TOO_MANY,
    "UserNotFoundException": _WRONG,
    "UsernameExistsException": "This e-mail address is already in use.",
}

_OF_PASSKEYS = {
    "LimitExceededException": "You have as many passkeys as are possible. Remove one first.",
    "WebAuthnChallengeNotFoundException": "This took too long. Try again, or use another way.",
    "WebAuthnNotEnabledException": "Passkeys are not available here. Use another way.",
}


def sentences(refused: Refused) -> list[str]:
    """Return what a page says: for a password, a sentence for each rule that it breaks."""
    if isinstance(refused, RefusedInWords):
        return [refused.message]
    if refused.code == "InvalidPasswordException":
        rules = refused.message.partition(": ")[2] or refused.message
        return [f"{rule.strip().rstrip('.')}." for rule in rules.split(";")]
    if refused.code == "UserLambdaValidationException":
        # A trigger of the pool, which the deployer wrote, gives the reason.
        reason = re.sub(r"^\w+ failed with error ", "", refused.message).rstrip(".")
        return [f"This is refused: {reason}."]
    text = refused.message.lower()
    for code, part, sentence in _TEXTS:
        if refused.code == code and part in text:
            return [sentence]
    if refused.code not in _NAMES:
        logger.warning("The user pool refused a form with %s.", refused.code)
    return [_NAMES.get(refused.code, "This did not work. Start again at the app.")]


def of_passkey(refused: Refused) -> str:
    """Return what a page says about a passkey that is refused at a sign-in or a registration."""
    if isinstance(refused, RefusedInWords):
        return refused.message
    if "already registered" in refused.message:
        return "This device already has a passkey for this account."
    return _OF_PASSKEYS.get(
        refused.code, "This passkey was not accepted. Try again, or use another way."
    )
