"""Why an operator may not do something: 403, and in the audit trail by its code."""

from __future__ import annotations

from typing import ClassVar


class NotAllowed(Exception):
    """The root. `message` is for the operator."""

    code: ClassVar[str] = "not_allowed"
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


class OwnAccount(NotAllowed):
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
    """A limit is reached. `wait` is in seconds."""

    code = "throttled"

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


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
