"""Say in words why an event failed. The trail records stable codes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.console.directory.errors import PermissionMissing  # noqa: F401 # as below
from accounts.language.words import title_of
from accounts.not_allowed import NotAllowed
from cognito.errors import CognitoError

Words = str | Promise

# The words of the errors address the user who sees them. These are about the user.
REASONS: dict[str, Words] = {
    "account_switched_off": _("The user is disabled on this site"),
    "another_user": _("Another user signed in"),
    "challenge_over": _("The sign-in took too long, or had too many wrong answers"),
    "grant_refused": _("The code or refresh token was used already, has expired or was revoked"),
    "invalid_credentials": _("The user name or password is wrong"),
    "invalid_refresh_token": _("The refresh token was used already, has expired or was revoked"),
    "invalid_transaction": _("The sign-in began in another browser, or took too long"),
    "last_factor": _("It is the only way to sign in to this account"),
    "more_rights": _("The user or group has rights that the operator lacks"),
    "not_authorized": _("Cognito did not accept the credentials"),
    "not_in_group": _("The operator is in no staff group of the user pool"),
    "operator_second_factor_required": _("The operator has no second factor"),
    "own_account": _("Operators cannot do this to their own account"),
    "passkey_not_found": _("The user has no such passkey"),
    "permission_missing": _("None of the operator's groups has the permission"),
    "refresh_token_reused": _("The refresh token was used twice"),
    "sign_in_misconfigured": _("The app client or the hosted UI is configured wrongly"),
    "sign_in_not_finished": _("The user has something to do at the hosted UI first"),
    "sign_in_not_recent": _("The hosted UI did not ask the user to sign in again"),
    "sign_in_refused": _("The user cancelled, or the hosted UI refused"),
    "sign_in_revoked": _("The user was signed out everywhere after the sign-in"),
    "sign_in_too_weak": _("The sign-in had no second factor"),
    "sign_up_refused": _("The user pool does not allow sign-up"),
    "throttled": _("Too many attempts"),
    "wrong_confirmation": _("The operator typed another address than the user's"),
    "wrong_password": _("The password is wrong"),
}


def in_words(detail: str) -> tuple[str, str]:
    """Return the reason in words, and what the detail says besides.

    A detail is a code, or several parts of which one is: a group and the code of its refusal, or a
    code and the OAuth error behind it. The reason is empty if no part is a known code.
    """
    parts = detail.split(": ")
    for place, part in enumerate(parts):
        if reason := reason_of(part):
            return reason, ": ".join(parts[:place] + parts[place + 1 :])
    return "", detail


def reason_of(code: str) -> str:
    if code in REASONS:
        return str(REASONS[code])
    error = _errors().get(code)
    if error is None:
        return ""
    if issubclass(error, CognitoError):
        return title_of(error)
    # The advice that follows the first sentence is for the operator who was refused.
    return gettext(error.message).partition(". ")[0].rstrip(".")


@cache
def _errors() -> dict[str, type[Any]]:
    errors: dict[str, type[Any]] = {}
    for error in (*_subclasses(CognitoError), *_subclasses(NotAllowed)):
        # The base class of the rate limits has no words.
        if hasattr(error, "message"):
            errors.setdefault(error.code, error)
    return errors


def _subclasses(base: type[Any]) -> Iterator[type[Any]]:
    yield base
    for one in base.__subclasses__():
        yield from _subclasses(one)
