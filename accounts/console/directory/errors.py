"""The errors of operators' actions, in addition to those of the user pool.

The audit trail records their codes.
"""

from __future__ import annotations

from http import HTTPStatus
from math import ceil

from django.utils.translation import gettext_noop as _

from accounts.not_allowed import NotAllowed
from cognito.errors import CognitoUnavailable, RequestRefused


class PermissionMissing(NotAllowed):
    """None of the operator's groups has the permission for an action."""

    code = "permission_missing"
    message = _("None of your groups has the permission for this. Ask a superuser for it.")


class NotAnOperator(NotAllowed):
    """The user is in no staff group of the user pool, is disabled, or does not exist."""

    code = "not_in_group"
    message = _("You are not in a group that may do this.")


class SecondFactorMissing(NotAllowed):
    """The configuration requires a second factor, and the operator has none."""

    code = "operator_second_factor_required"
    message = _(
        "Operators of this site need a second factor, and your account has none. Set one up in "
        "your profile, then try again."
    )


class OwnAccountRefused(NotAllowed):
    """The operator and the user are the same."""

    code = "own_account"
    message = _("You cannot do this to your own account. Ask another operator.")


class MoreRights(NotAllowed):
    """The user, or the group, has rights that the operator does not have."""

    code = "more_rights"
    message = _("This action affects rights that you do not have. Ask an operator who has them.")


class GroupInUse(NotAllowed):
    """The configuration of this application names the group."""

    code = "group_in_use"
    message = _(
        "This application's configuration names this group, so it cannot be deleted. Remove it "
        "from COGNITO_STAFF_GROUPS and COGNITO_SUPERUSER_GROUPS first."
    )


class GroupWithRole(NotAllowed):
    """The group has an AWS role, so it cannot be edited.

    Cognito removes the role if an edit does not name it. Naming it would require iam:PassRole.
    """

    code = "group_with_role"
    message = _("This group has an AWS role. Edit it with the tool that manages the role.")


class TooMuch(NotAllowed):
    """A rate limit is exceeded. `retry_after` is in seconds."""

    code = "throttled"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.retry_after = ceil(wait)


class TooManyActions(TooMuch):
    """An operator has exceeded the rate limit for actions or requests."""

    message = _("You have reached the limit of actions for one hour. Wait an hour, then continue.")


class TooManyMails(TooMuch):
    """An address has exceeded the rate limit for e-mails, counted over all callers."""

    message = _(
        "This address received too many e-mails in the last hour. Wait an hour, then try again."
    )


class WrongConfirmation(NotAllowed):
    """The operator typed something else than the user's e-mail address."""

    code = "wrong_confirmation"
    message = _(
        "The text is not this user's e-mail address. Nothing was deleted. Enter the address again."
    )


class FactorMissing(NotAllowed):
    """The user does not have the second factor that the operator wants to remove."""

    code = "factor_missing"
    message = _("The user does not have this second factor.")


class SignedOutHereOnly(CognitoUnavailable):
    """The user was signed out of this site, but the pool may not have carried out the action."""

    code = "signed_out_here_only"
    title = _("The user was signed out of this application, but the user pool did not answer")
    advice = _("The action may be incomplete. Check the user before you repeat it.")


class HostedSessionsLeft(CognitoUnavailable):
    """The action was carried out, but not all sessions at the hosted UI could be ended."""

    code = "hosted_sessions_left"
    title = _("The action was carried out, but sessions of the user at the hosted UI are left")
    advice = _("They can sign the user in again without a password. Sign the user out everywhere.")


class EditNotConfirmed(CognitoUnavailable):
    """The pool accepted an edit, but reports another state, for example because of another edit."""

    code = "group_is_otherwise"
    title = _("The user pool accepted the change, but the group now differs from it")
    advice = _("Check the group before you repeat the change.")


Failure = NotAllowed | RequestRefused | CognitoUnavailable
FAILURES = (NotAllowed, RequestRefused, CognitoUnavailable)
