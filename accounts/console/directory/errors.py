"""Why an operator's action failed here, beside what the user pool refuses.

The audit trail has the codes.
"""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from typing import ClassVar

from cognito.errors import CognitoUnavailable, RequestRefused


class NotAllowed(Exception):
    """The root. `message` is for the operator."""

    code: ClassVar[str] = "not_allowed"
    status: ClassVar[HTTPStatus] = HTTPStatus.FORBIDDEN
    message: ClassVar[str] = "You may not do this."

    def __init__(self) -> None:
        super().__init__(self.message)


class PermissionMissing(NotAllowed):
    """None of the operator's groups has the permission."""

    code = "permission_missing"
    message = "None of your groups has the permission to do this."


class NotAnOperator(NotAllowed):
    """The user pool has the operator in no staff group now, or not as an enabled user."""

    code = "not_in_group"
    message = "You are not in a group that may do this."


class SecondFactorMissing(NotAllowed):
    """The configuration demands a second factor of operators, and this one has none."""

    code = "operator_second_factor_required"
    message = (
        "Operators need a second factor here, and your account has none. "
        "Set one up in your profile, then try again."
    )


class OwnAccountRefused(NotAllowed):
    """An operator and the user are the same person."""

    code = "own_account"
    message = "You cannot do this to your own account. Ask another operator."


class MoreRights(NotAllowed):
    """The user, or the group, has rights that the operator does not have."""

    code = "more_rights"
    message = "This would touch rights that go beyond your own."


class LastSuperuser(NotAllowed):
    """Nobody with all rights would be left."""

    code = "last_superuser"
    message = "This is the last superuser who can sign in. Make another one first."


class GroupInUse(NotAllowed):
    """A group that the configuration of this application names."""

    code = "group_in_use"
    message = "This application's configuration names this group, so it cannot be deleted here."


class GroupWithRole(NotAllowed):
    """Cognito takes a role away that an edit does not name; naming it takes iam:PassRole."""

    code = "group_with_role"
    message = "An AWS role comes with this group: edit it where its role is looked after."


class TooMuch(NotAllowed):
    """A limit is reached. `retry_after` is in seconds."""

    code = "throttled"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.retry_after = ceil(wait)


class TooManyActions(TooMuch):
    """One operator has done as much as an account may do."""

    message = "You have done too much at once. Wait an hour, then go on."


class TooManyMails(TooMuch):
    """One address has had as many mails as it may have, from all callers together."""

    message = "This address was sent too many mails in the last hour. Wait an hour, then try again."


class WrongConfirmation(NotAllowed):
    """What was typed to confirm is not what it should be."""

    code = "wrong_confirmation"
    message = "What you typed is not this user's e-mail address. Nothing was deleted."


class SignedOutHereOnly(CognitoUnavailable):
    """The pool did not answer: what it was asked for may or may not have been done."""

    code = "signed_out_here_only"
    title = "The user was signed out of this application, but the user pool did not answer"
    advice = "The rest may not have been done. Look at the user again before you repeat it."


class EditNotConfirmed(CognitoUnavailable):
    """The pool accepted an edit and shows something else: another edit, or a part of this one."""

    code = "group_is_otherwise"
    title = "The user pool accepted the change, but shows something else now"
    advice = "Look at the group again before you repeat it."


Failure = NotAllowed | RequestRefused | CognitoUnavailable
FAILURES = (NotAllowed, RequestRefused, CognitoUnavailable)
