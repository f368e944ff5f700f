"""A sentence for each action of the audit trail, of its success and of its failure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent

Words = str | Promise
Action = AuditEvent.Action


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of a success and of a failure, with `{actor}`, `{subject}` and `{group}`."""

    done: Words
    failed: Words

    def words(self, *, is_failure: bool) -> str:
        return str(self.failed if is_failure else self.done)


SENTENCES: dict[str, Sentence] = {
    Action.SIGN_IN: Sentence(_("{actor} signed in"), _("{actor} could not sign in")),
    Action.FIRST_SIGN_IN: Sentence(
        _("{actor} signed in for the first time"), _("{actor} could not sign in for the first time")
    ),
    Action.STEP_UP: Sentence(
        _("{actor} confirmed a session"), _("{actor} could not confirm a session")
    ),
    Action.SIGN_OUT: Sentence(_("{actor} signed out"), _("{actor} could not sign out")),
    Action.SIGN_OUT_DEVICE: Sentence(
        _("{actor} signed out another device"), _("{actor} could not sign out another device")
    ),
    Action.SIGN_OUT_OTHERS: Sentence(
        _("{actor} signed out all other devices"),
        _("{actor} could not sign out all other devices"),
    ),
    Action.SIGN_OUT_EVERYWHERE: Sentence(
        _("{actor} signed out everywhere"), _("{actor} could not sign out everywhere")
    ),
    Action.SIGN_UP: Sentence(_("{actor} signed up"), _("{actor} could not sign up")),
    Action.CONFIRMATION: Sentence(
        _("{actor} confirmed an address"), _("{actor} could not confirm an address")
    ),
    Action.PASSWORD_RESET: Sentence(
        _("{actor} reset a forgotten password"), _("{actor} could not reset a forgotten password")
    ),
    Action.PASSWORD_CHANGE: Sentence(
        _("{actor} changed the password"), _("{actor} could not change the password")
    ),
    Action.PROFILE_CHANGE: Sentence(
        _("{actor} changed the profile"), _("{actor} could not change the profile")
    ),
    Action.EMAIL_CHANGE: Sentence(
        _("{actor} changed the e-mail address"), _("{actor} could not change the e-mail address")
    ),
    Action.PHONE_CHANGE: Sentence(
        _("{actor} verified a phone number"), _("{actor} could not verify a phone number")
    ),
    Action.DATA_DOWNLOAD: Sentence(
        _("{actor} downloaded the account's data"),
        _("{actor} could not download the account's data"),
    ),
    Action.PASSKEY_ON: Sentence(
        _("{actor} registered a passkey"), _("{actor} could not register a passkey")
    ),
    Action.PASSKEY_OFF: Sentence(
        _("{actor} deleted a passkey"), _("{actor} could not delete a passkey")
    ),
    Action.TOTP_ON: Sentence(
        _("{actor} set up an authenticator app"), _("{actor} could not set up an authenticator app")
    ),
    Action.TOTP_OFF: Sentence(
        _("{actor} switched the authenticator app off"),
        _("{actor} could not switch the authenticator app off"),
    ),
    Action.ACCOUNT_DELETION: Sentence(
        _("{actor} deleted the account"), _("{actor} could not delete the account")
    ),
    Action.RENEWAL: Sentence(
        _("A session of {actor} was renewed"), _("A session of {actor} could not be renewed")
    ),
    Action.GROUP_CHANGE: Sentence(
        _("The groups of {actor} changed"), _("The groups of {actor} could not be changed")
    ),
    Action.OPERATOR_CHECK: Sentence(
        _("{actor} has the rights of an operator"), _("{actor} was refused as an operator")
    ),
    Action.INVITE_USER: Sentence(
        _("{actor} invited {subject}"), _("{actor} could not invite {subject}")
    ),
    Action.RESEND_INVITATION: Sentence(
        _("{actor} sent {subject} the invitation again"),
        _("{actor} could not send {subject} the invitation again"),
    ),
    Action.CONFIRM_USER: Sentence(
        _("{actor} confirmed {subject}"), _("{actor} could not confirm {subject}")
    ),
    Action.DISABLE_USER: Sentence(
        _("{actor} disabled {subject}"), _("{actor} could not disable {subject}")
    ),
    Action.ENABLE_USER: Sentence(
        _("{actor} enabled {subject}"), _("{actor} could not enable {subject}")
    ),
    Action.FORCE_PASSWORD_RESET: Sentence(
        _("{actor} forced a password reset of {subject}"),
        _("{actor} could not force a password reset of {subject}"),
    ),
    Action.TEMPORARY_PASSWORD: Sentence(
        _("{actor} set a temporary password for {subject}"),
        _("{actor} could not set a temporary password for {subject}"),
    ),
    Action.SIGN_OUT_USER: Sentence(
        _("{actor} signed {subject} out everywhere"),
        _("{actor} could not sign {subject} out everywhere"),
    ),
    Action.ADD_TO_GROUP: Sentence(
        _("{actor} added {subject} to the group {group}"),
        _("{actor} could not add {subject} to the group {group}"),
    ),
    Action.REMOVE_FROM_GROUP: Sentence(
        _("{actor} removed {subject} from the group {group}"),
        _("{actor} could not remove {subject} from the group {group}"),
    ),
    Action.REMOVE_FACTOR: Sentence(
        _("{actor} removed a second factor of {subject}"),
        _("{actor} could not remove a second factor of {subject}"),
    ),
    Action.END_SESSION: Sentence(
        _("{actor} ended a session of {subject}"), _("{actor} could not end a session of {subject}")
    ),
    Action.FORGET_DEVICE: Sentence(
        _("{actor} had a device of {subject} forgotten"),
        _("{actor} could not have a device of {subject} forgotten"),
    ),
    Action.DELETE_USER: Sentence(
        _("{actor} deleted {subject}"), _("{actor} could not delete {subject}")
    ),
    Action.CREATE_GROUP: Sentence(
        _("{actor} created the group {subject}"), _("{actor} could not create the group {subject}")
    ),
    Action.UPDATE_GROUP: Sentence(
        _("{actor} edited the group {subject}"), _("{actor} could not edit the group {subject}")
    ),
    Action.DELETE_GROUP: Sentence(
        _("{actor} deleted the group {subject}"), _("{actor} could not delete the group {subject}")
    ),
    Action.CHANGE_PERMISSIONS: Sentence(
        _("{actor} changed the permissions of the group {subject}"),
        _("{actor} could not change the permissions of the group {subject}"),
    ),
    Action.SWITCH_OFF_USER: Sentence(
        _("{actor} disabled {subject} on this site"),
        _("{actor} could not disable {subject} on this site"),
    ),
    Action.SWITCH_ON_USER: Sentence(
        _("{actor} enabled {subject} on this site"),
        _("{actor} could not enable {subject} on this site"),
    ),
    Action.LINK_IDENTITY: Sentence(
        _("{actor} linked {subject} to a user of this project"),
        _("{actor} could not link {subject} to a user of this project"),
    ),
    Action.EXPORT_AUDIT_EVENTS: Sentence(
        _("{actor} exported the audit trail"), _("{actor} could not export the audit trail")
    ),
    Action.DELETE_AUDIT_EVENTS: Sentence(
        _("{actor} deleted old audit events"), _("{actor} could not delete old audit events")
    ),
}

# An action that names no other user in its sentence, done by an operator, an agent or a service.
FOR_ANOTHER = _("{sentence}, for {subject}")
# An action that is not in the table yet.
OTHER = Sentence(_("{actor}: {action}"), _("{actor}: {action}, failed"))
# Actor and subject, if the event names neither.
VISITOR = _("A visitor")
USER = _("a user")
