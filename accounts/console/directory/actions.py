"""The actions on a user of the pool, in one table for the admin's forms and for the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.audit import trail
from accounts.console.directory.operator import Person
from cognito.directory.access import REMOVABLE
from cognito.directory.records import DirectoryUser
from cognito.directory.users import Directory


class Here(Enum):
    """What an action does on this site, in addition to the user pool."""

    NOTHING = auto()
    # Revoke the user's refresh tokens at the pool. End every browser session, and refuse every
    # bearer token that was issued so far.
    SIGN_OUT = auto()
    # The same, but the action has revoked the refresh tokens already.
    SIGN_OUT_CONFIRMED = auto()
    # Renew each session on its next request, so that it gets the new groups.
    RENEW = auto()
    # Delete the user's row and everything that belongs to it.
    FORGET = auto()


class Argument(Enum):
    """What an action needs from the operator."""

    NONE = auto()
    GROUP = auto()
    PASSWORD = auto()
    # A sign-in factor of the user that an operator can remove.
    FACTOR = auto()
    # A session of the user at Cognito.
    SESSION = auto()
    # A device of the user that Cognito remembers.
    DEVICE = auto()
    # The user's e-mail address, which the operator types to confirm the action.
    CONFIRMATION = auto()


class Section(Enum):
    """Where a user's page offers an action."""

    # Let the user sign in again.
    HELP = auto()
    # Change what the user may do.
    RIGHTS = auto()
    # Take access away. The last one cannot be undone.
    DANGER = auto()


# Those that pages may show again, and that the audit trail records.
SHOWN = frozenset({Argument.GROUP, Argument.FACTOR, Argument.SESSION, Argument.DEVICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAction:
    """An action of an operator on a user.

    Attributes:
        name: the name in the addresses of pages and of the API.
        label: the text of the button.
        consequence: the text of the page that asks for confirmation. The API documents it as well.
        done: the message after the action, for each user.
        section: where a user's page offers it.
        call: calls the pool's API, with the argument if there is one.
        takes_rights: whether the action can remove the last superuser.
        sends_mail: whether Cognito sends the user an e-mail because of it.
        in_bulk: whether operators can select several users for it.
        needs_recent_sign_in: whether the operator must have signed in recently (accounts.step_up).
        ends_hosted_sessions: whether it ends the user's sessions at the hosted UI as well, where
            the pool tracks sessions. Without that, such a session signs the user in again.
        suits: whether pages offer it for a user in this state. The pool decides what it accepts.
    """

    name: str
    label: Promise
    consequence: Promise
    done: Promise
    permission: str
    event: trail.Action
    call: Callable[[Directory, DirectoryUser, str], None]
    section: Section = Section.HELP
    here: Here = Here.NOTHING
    argument: Argument = Argument.NONE
    takes_rights: bool = False
    sends_mail: bool = False
    in_bulk: bool = False
    needs_recent_sign_in: bool = False
    ends_hosted_sessions: bool = False
    suits: Callable[[Person], bool] = lambda _: True

    @property
    def is_danger(self) -> bool:
        return self.section is Section.DANGER

    @property
    def secret(self) -> frozenset[str]:
        """The fields of its form that are not shown again after a step-up."""
        return frozenset() if self.argument in SHOWN else frozenset({"argument"})


_ALL = (
    UserAction(
        name="resend-invitation",
        label=_("Send invitation again"),
        consequence=_("Cognito sends another e-mail with a temporary password."),
        done=_("The invitation was sent again."),
        permission="invite_users",
        event=trail.Action.RESEND_INVITATION,
        call=lambda directory, user, _: directory.resend_invitation(user),
        suits=lambda person: person.user.status == "FORCE_CHANGE_PASSWORD",
        sends_mail=True,
    ),
    UserAction(
        name="confirm",
        label=_("Confirm"),
        consequence=_(
            "The user can sign in with the password of the sign-up, without the code that Cognito "
            "sent to the address of the account. If you are not sure that the address belongs to "
            "the user, set a temporary password as well."
        ),
        done=_("The account is confirmed."),
        permission="support_users",
        event=trail.Action.CONFIRM_USER,
        call=lambda directory, user, _: directory.confirm(user.username),
        suits=lambda person: person.user.status == "UNCONFIRMED",
    ),
    UserAction(
        name="disable",
        label=_("Disable"),
        consequence=_(
            "The user cannot sign in until an operator enables the account again. Every session of "
            "the user ends, on every device. This site refuses access tokens within ten seconds."
        ),
        done=_("The account is disabled, and its sessions on this site have ended."),
        section=Section.DANGER,
        permission="disable_users",
        event=trail.Action.DISABLE_USER,
        call=lambda directory, user, _: directory.disable(user.username),
        suits=lambda person: person.user.is_enabled,
        here=Here.SIGN_OUT,
        takes_rights=True,
        in_bulk=True,
    ),
    UserAction(
        name="enable",
        label=_("Enable"),
        consequence=_("The user can sign in again."),
        done=_("The account is enabled."),
        permission="disable_users",
        event=trail.Action.ENABLE_USER,
        call=lambda directory, user, _: directory.enable(user.username),
        suits=lambda person: not person.user.is_enabled,
        in_bulk=True,
    ),
    UserAction(
        name="sign-out",
        label=_("Sign out everywhere"),
        consequence=_(
            "Every session of the user ends, on every device. This site refuses access tokens "
            "within ten seconds."
        ),
        done=_("The user is signed out everywhere."),
        section=Section.DANGER,
        permission="support_users",
        event=trail.Action.SIGN_OUT_USER,
        call=lambda directory, user, _: directory.sign_out_everywhere(user.username),
        here=Here.SIGN_OUT_CONFIRMED,
        in_bulk=True,
        ends_hosted_sessions=True,
    ),
    UserAction(
        name="reset-password",
        label=_("Force password reset"),
        consequence=_(
            "The password stops working. Cognito sends the user a code for a new password. "
            "Every session of the user ends, on every device."
        ),
        done=_("The user must reset the password before the next sign-in."),
        permission="support_users",
        event=trail.Action.FORCE_PASSWORD_RESET,
        call=lambda directory, user, _: directory.force_password_reset(user.username),
        suits=lambda person: person.user.status == "CONFIRMED",
        here=Here.SIGN_OUT,
        sends_mail=True,
        ends_hosted_sessions=True,
    ),
    UserAction(
        name="set-temporary-password",
        label=_("Set temporary password"),
        consequence=_(
            "The temporary password replaces the password, and the user must change it at the next"
            " sign-in. Every session of the user ends, on every device. Tell the user the temporary"
            " password over a secure channel."
        ),
        done=_("The temporary password is set."),
        permission="support_users",
        event=trail.Action.TEMPORARY_PASSWORD,
        call=lambda directory, user, password: directory.set_temporary_password(
            user.username, password
        ),
        here=Here.SIGN_OUT,
        argument=Argument.PASSWORD,
        needs_recent_sign_in=True,
        ends_hosted_sessions=True,
    ),
    UserAction(
        name="add-to-group",
        label=_("Add to a group"),
        consequence=_(
            "Sessions on this site get the group's rights with their next request. Access tokens "
            "get them with their next refresh."
        ),
        done=_("The user is in the group."),
        section=Section.RIGHTS,
        permission="assign_groups",
        event=trail.Action.ADD_TO_GROUP,
        call=lambda directory, user, group: directory.add_to_group(user.username, group),
        here=Here.RENEW,
        argument=Argument.GROUP,
        in_bulk=True,
        needs_recent_sign_in=True,
    ),
    UserAction(
        name="remove-from-group",
        label=_("Remove from a group"),
        consequence=_(
            "Sessions on this site lose the group's rights with their next request. Access tokens "
            "lose them when they expire."
        ),
        done=_("The user is no longer in the group."),
        section=Section.RIGHTS,
        permission="assign_groups",
        event=trail.Action.REMOVE_FROM_GROUP,
        call=lambda directory, user, group: directory.remove_from_group(user.username, group),
        suits=lambda person: bool(person.groups),
        here=Here.RENEW,
        argument=Argument.GROUP,
        takes_rights=True,
        in_bulk=True,
        needs_recent_sign_in=True,
    ),
    UserAction(
        name="remove-factor",
        label=_("Remove a second factor"),
        consequence=_(
            "Sign-ins no longer ask for this factor, so that a user who has lost it can sign in "
            "again and set up another one. Make sure that the user is who you think. If the factor"
            " may be in other hands, sign the user out everywhere as well."
        ),
        done=_("The second factor is removed."),
        permission="support_users",
        event=trail.Action.REMOVE_FACTOR,
        call=lambda directory, user, factor: directory.remove_factor(user.username, factor),
        suits=lambda person: bool(set(REMOVABLE).intersection(person.user.mfa)),
        argument=Argument.FACTOR,
        needs_recent_sign_in=True,
    ),
    UserAction(
        name="end-session",
        label=_("End a session"),
        consequence=_(
            "The session ends at Cognito, together with the sign-ins that began in it or the "
            "hosted UI's session that it came from. Sessions on this site notice with their next "
            "request. This site accepts an access token of the session until it expires."
        ),
        done=_("The session has ended."),
        section=Section.DANGER,
        permission="support_users",
        event=trail.Action.END_SESSION,
        call=lambda directory, user, session: directory.end_session(user.username, session),
        here=Here.RENEW,
        argument=Argument.SESSION,
        suits=lambda _: False,
    ),
    UserAction(
        name="forget-device",
        label=_("Forget a device"),
        consequence=_(
            "Cognito no longer remembers the device. A sign-in on it asks for the second factor "
            "again. Sessions on the device go on."
        ),
        done=_("Cognito has forgotten the device."),
        section=Section.DANGER,
        permission="support_users",
        event=trail.Action.FORGET_DEVICE,
        call=lambda directory, user, key: directory.forget_device(user.username, key),
        argument=Argument.DEVICE,
        suits=lambda _: False,
    ),
    UserAction(
        name="delete",
        label=_("Delete"),
        consequence=_(
            "The account cannot be restored. This site deletes everything that belongs to the "
            "user, except the audit trail."
        ),
        done=_("The account is deleted."),
        section=Section.DANGER,
        permission="delete_users",
        event=trail.Action.DELETE_USER,
        call=lambda directory, user, _: directory.delete(user.username),
        here=Here.FORGET,
        argument=Argument.CONFIRMATION,
        takes_rights=True,
        needs_recent_sign_in=True,
    ),
)

ACTIONS = {action.name: action for action in _ALL}
