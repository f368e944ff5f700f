"""A sentence for each action of the audit trail: who did what to whom, or could not."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent

Words = str | Promise
Action = AuditEvent.Action


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of a success and of a failure, with `{who}`, `{whom}` and `{what}`, the detail."""

    done: Words
    failed: Words

    def words(self, *, is_failure: bool) -> str:
        return str(self.failed if is_failure else self.done)


SENTENCES: dict[str, Sentence] = {
    Action.SIGN_IN: Sentence(_("{who} signed in"), _("{who} could not sign in")),
    Action.FIRST_SIGN_IN: Sentence(
        _("{who} signed in for the first time"), _("{who} could not sign in for the first time")
    ),
    Action.STEP_UP: Sentence(
        _("{who} confirmed a session"), _("{who} could not confirm a session")
    ),
    Action.SIGN_OUT: Sentence(_("{who} signed out"), _("{who} could not sign out")),
    Action.SIGN_OUT_DEVICE: Sentence(
        _("{who} signed out another device"), _("{who} could not sign out another device")
    ),
    Action.SIGN_OUT_EVERYWHERE: Sentence(
        _("{who} signed out everywhere"), _("{who} could not sign out everywhere")
    ),
    Action.SIGN_UP: Sentence(_("{who} signed up"), _("{who} could not sign up")),
    Action.CONFIRMATION: Sentence(
        _("{who} confirmed an address"), _("{who} could not confirm an address")
    ),
    Action.PASSWORD_RESET: Sentence(
        _("{who} reset a forgotten password"), _("{who} could not reset a forgotten password")
    ),
    Action.PASSWORD_CHANGE: Sentence(
        _("{who} changed the password"), _("{who} could not change the password")
    ),
    Action.PROFILE_CHANGE: Sentence(
        _("{who} changed the profile"), _("{who} could not change the profile")
    ),
    Action.EMAIL_CHANGE: Sentence(
        _("{who} changed the e-mail address"), _("{who} could not change the e-mail address")
    ),
    Action.PASSKEY_ON: Sentence(
        _("{who} registered a passkey"), _("{who} could not register a passkey")
    ),
    Action.PASSKEY_OFF: Sentence(
        _("{who} deleted a passkey"), _("{who} could not delete a passkey")
    ),
    Action.TOTP_ON: Sentence(
        _("{who} set up an authenticator app"), _("{who} could not set up an authenticator app")
    ),
    Action.TOTP_OFF: Sentence(
        _("{who} switched the authenticator app off"),
        _("{who} could not switch the authenticator app off"),
    ),
    Action.ACCOUNT_DELETION: Sentence(
        _("{who} deleted the account"), _("{who} could not delete the account")
    ),
    Action.RENEWAL: Sentence(
        _("A session of {who} was renewed"), _("A session of {who} could not be renewed")
    ),
    Action.GROUP_CHANGE: Sentence(
        _("The groups of {who} changed"), _("The groups of {who} could not be changed")
    ),
    Action.OPERATOR_CHECK: Sentence(
        _("{who} has the rights of an operator"), _("{who} was refused as an operator")
    ),
    Action.INVITE_USER: Sentence(_("{who} invited {whom}"), _("{who} could not invite {whom}")),
    Action.RESEND_INVITATION: Sentence(
        _("{who} sent {whom} the invitation again"),
        _("{who} could not send {whom} the invitation again"),
    ),
    Action.CONFIRM_USER: Sentence(_("{who} confirmed {whom}"), _("{who} could not confirm {whom}")),
    Action.DISABLE_USER: Sentence(_("{who} disabled {whom}"), _("{who} could not disable {whom}")),
    Action.ENABLE_USER: Sentence(_("{who} enabled {whom}"), _("{who} could not enable {whom}")),
    Action.FORCE_PASSWORD_RESET: Sentence(
        _("{who} forced a password reset of {whom}"),
        _("{who} could not force a password reset of {whom}"),
    ),
    Action.TEMPORARY_PASSWORD: Sentence(
        _("{who} set a temporary password for {whom}"),
        _("{who} could not set a temporary password for {whom}"),
    ),
    Action.SIGN_OUT_USER: Sentence(
        _("{who} signed {whom} out everywhere"), _("{who} could not sign {whom} out everywhere")
    ),
    Action.ADD_TO_GROUP: Sentence(
        _("{who} added {whom} to the group {what}"),
        _("{who} could not add {whom} to the group {what}"),
    ),
    Action.REMOVE_FROM_GROUP: Sentence(
        _("{who} removed {whom} from the group {what}"),
        _("{who} could not remove {whom} from the group {what}"),
    ),
    Action.REMOVE_FACTOR: Sentence(
        _("{who} removed a second factor of {whom}"),
        _("{who} could not remove a second factor of {whom}"),
    ),
    Action.END_SESSION: Sentence(
        _("{who} ended a session of {whom}"), _("{who} could not end a session of {whom}")
    ),
    Action.FORGET_DEVICE: Sentence(
        _("{who} had a device of {whom} forgotten"),
        _("{who} could not have a device of {whom} forgotten"),
    ),
    Action.DELETE_USER: Sentence(_("{who} deleted {whom}"), _("{who} could not delete {whom}")),
    Action.CREATE_GROUP: Sentence(
        _("{who} created the group {whom}"), _("{who} could not create the group {whom}")
    ),
    Action.UPDATE_GROUP: Sentence(
        _("{who} edited the group {whom}"), _("{who} could not edit the group {whom}")
    ),
    Action.DELETE_GROUP: Sentence(
        _("{who} deleted the group {whom}"), _("{who} could not delete the group {whom}")
    ),
    Action.CHANGE_PERMISSIONS: Sentence(
        _("{who} changed the permissions of the group {whom}"),
        _("{who} could not change the permissions of the group {whom}"),
    ),
    Action.SWITCH_OFF_USER: Sentence(
        _("{who} disabled {whom} on this site"), _("{who} could not disable {whom} on this site")
    ),
    Action.SWITCH_ON_USER: Sentence(
        _("{who} enabled {whom} on this site"), _("{who} could not enable {whom} on this site")
    ),
    Action.EXPORT_AUDIT_EVENTS: Sentence(
        _("{who} exported the audit trail"), _("{who} could not export the audit trail")
    ),
    Action.DELETE_AUDIT_EVENTS: Sentence(
        _("{who} deleted old audit events"), _("{who} could not delete old audit events")
    ),
}

# An action that names no other user in its sentence, done by an operator, an agent or a service.
FOR_ANOTHER = _("{sentence}, for {whom}")
# An action that is not in the table yet.
OTHER = Sentence(_("{who}: {action}"), _("{who}: {action}, failed"))
# Who and whom, if the event names neither.
VISITOR = _("A visitor")
USER = _("a user")
