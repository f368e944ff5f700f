"""What can be done to a user of the pool: one table for the admin's forms and for the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from accounts.audit import trail
from accounts.console.directory.operator import Person
from cognito.directory.records import DirectoryUser
from cognito.directory.users import Directory


class Here(Enum):
    """What an action has to do in this application, beside the user pool."""

    NOTHING = auto()
    # Every browser session ends, and every bearer token issued so far is refused.
    SIGN_OUT = auto()
    # The same, and the pool is known to have ended all refresh tokens.
    SIGN_OUT_CONFIRMED = auto()
    # Sessions take on the new groups at their next request.
    RENEW = auto()
    # The user's row and all that is theirs go.
    FORGET = auto()


class Argument(Enum):
    """What an action has to be told."""

    NONE = auto()
    GROUP = auto()
    PASSWORD = auto()
    # The user's e-mail address, typed out.
    CONFIRMATION = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAction:
    """One thing that an operator may do to a user.

    Attributes:
        name: in addresses.
        label: on a button.
        consequence: on the page that asks whether to go on.
        done: what to say of one user afterwards.
        call: the call of the pool's API, with the argument if there is one.
        takes_rights: whether it could leave nobody with all rights.
        sends_mail: whether Cognito mails the user because of it.
        in_bulk: whether it can be done to several users at once.
        suits: whether to offer it for a user as they are; the pool itself decides what it takes.
    """

    name: str
    label: str
    consequence: str
    done: str
    permission: str
    event: trail.Action
    call: Callable[[Directory, DirectoryUser, str], None]
    here: Here = Here.NOTHING
    argument: Argument = Argument.NONE
    takes_rights: bool = False
    sends_mail: bool = False
    in_bulk: bool = False
    suits: Callable[[Person], bool] = lambda _: True


_ALL = (
    UserAction(
        name="resend-invitation",
        label="Send invitation again",
        consequence="Cognito sends another e-mail with a temporary password.",
        done="The invitation was sent again.",
        permission="invite_users",
        event=trail.Action.RESEND_INVITATION,
        call=lambda directory, user, _: directory.resend_invitation(user),
        suits=lambda person: person.user.status == "FORCE_CHANGE_PASSWORD",
        sends_mail=True,
    ),
    UserAction(
        name="confirm",
        label="Confirm",
        consequence="The account can be used without the code that was sent to its address, with "
        "the password of the sign-up. If in doubt, set a temporary password as well.",
        done="Confirmed.",
        permission="support_users",
        event=trail.Action.CONFIRM_USER,
        call=lambda directory, user, _: directory.confirm(user.username),
        suits=lambda person: person.user.status == "UNCONFIRMED",
    ),
    UserAction(
        name="disable",
        label="Disable",
        consequence="No sign-in until somebody enables the account again. Sessions here end at "
        "once, access tokens are refused within ten seconds.",
        done="Disabled, and signed out everywhere here.",
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
        label="Enable",
        consequence="The account can sign in again.",
        done="Enabled.",
        permission="disable_users",
        event=trail.Action.ENABLE_USER,
        call=lambda directory, user, _: directory.enable(user.username),
        suits=lambda person: not person.user.is_enabled,
        in_bulk=True,
    ),
    UserAction(
        name="sign-out",
        label="Sign out everywhere",
        consequence="Every session ends, on every device. Access tokens are refused here within "
        "ten seconds.",
        done="Signed out everywhere.",
        permission="support_users",
        event=trail.Action.SIGN_OUT_USER,
        call=lambda directory, user, _: directory.sign_out_everywhere(user.username),
        here=Here.SIGN_OUT_CONFIRMED,
        in_bulk=True,
    ),
    UserAction(
        name="reset-password",
        label="Force password reset",
        consequence="The password stops working. Cognito sends a code to choose a new one with, "
        "and sessions here end.",
        done="The password has to be reset before the next sign-in.",
        permission="support_users",
        event=trail.Action.FORCE_PASSWORD_RESET,
        call=lambda directory, user, _: directory.force_password_reset(user.username),
        suits=lambda person: person.user.status == "CONFIRMED",
        here=Here.SIGN_OUT,
        sends_mail=True,
    ),
    UserAction(
        name="set-temporary-password",
        label="Set temporary password",
        consequence="It replaces the password, has to be changed at the next sign-in, and sessions "
        "here end. Tell it to the user in a safe way.",
        done="The temporary password is set.",
        permission="support_users",
        event=trail.Action.TEMPORARY_PASSWORD,
        call=lambda directory, user, password: directory.set_temporary_password(
            user.username, password
        ),
        here=Here.SIGN_OUT,
        argument=Argument.PASSWORD,
    ),
    UserAction(
        name="add-to-group",
        label="Add to a group",
        consequence="Sessions here have the group's rights from their next request on, access "
        "tokens from their next refresh on.",
        done="Added to the group.",
        permission="assign_groups",
        event=trail.Action.ADD_TO_GROUP,
        call=lambda directory, user, group: directory.add_to_group(user.username, group),
        here=Here.RENEW,
        argument=Argument.GROUP,
        in_bulk=True,
    ),
    UserAction(
        name="remove-from-group",
        label="Remove from a group",
        consequence="Sessions here lose the group's rights at their next request, access tokens "
        "when they expire.",
        done="Removed from the group.",
        permission="assign_groups",
        event=trail.Action.REMOVE_FROM_GROUP,
        call=lambda directory, user, group: directory.remove_from_group(user.username, group),
        suits=lambda person: bool(person.groups),
        here=Here.RENEW,
        argument=Argument.GROUP,
        takes_rights=True,
        in_bulk=True,
    ),
    UserAction(
        name="delete",
        label="Delete",
        consequence="The account is gone for good, with everything of the user's here except the "
        "audit trail.",
        done="Deleted.",
        permission="delete_users",
        event=trail.Action.DELETE_USER,
        call=lambda directory, user, _: directory.delete(user.username),
        here=Here.FORGET,
        argument=Argument.CONFIRMATION,
        takes_rights=True,
    ),
)

ACTIONS = {action.name: action for action in _ALL}
