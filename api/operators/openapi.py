"""The operations of `operators/…` in the OpenAPI document."""

from __future__ import annotations

from typing import Final

from accounts.console.directory.actions import ACTIONS, Argument, UserAction
from api.operation import Operation, Operations
from api.operators.audit_events import AuditEventSerializer, AuditEventsView
from api.operators.examples import (
    DEVICE,
    EVENT,
    FACTORS,
    GROUP,
    SENT,
    SESSION,
    SUB,
    USER,
    USERS,
)
from api.operators.serializers import (
    TAKES,
    DirectoryGroupListSerializer,
    DirectoryGroupSerializer,
    DirectoryPersonSerializer,
    DirectoryUserPageSerializer,
    DirectoryUserSerializer,
    FactorsSerializer,
    GroupEditSerializer,
    InvitationSerializer,
    PoolSessionListSerializer,
    RememberedDeviceListSerializer,
)
from api.operators.views import (
    ACTION_VIEWS,
    GroupMembersView,
    GroupsView,
    GroupView,
    UserDevicesView,
    UserFactorsView,
    UserSessionsView,
    UsersView,
    UserView,
)

TAG: Final = "Operators"
# 429: a quota of the pool. 409: the state of the user or group does not allow the action.
OF_THE_POOL: Final = frozenset({429})
OF_A_STATE: Final = frozenset({409, 429})

ACTION_IDS: Final = {
    "resend-invitation": "resendInvitation",
    "confirm": "confirmUser",
    "disable": "disableUser",
    "enable": "enableUser",
    "sign-out": "signOutUser",
    "reset-password": "resetUserPassword",
    "set-temporary-password": "setTemporaryPassword",
    "add-to-group": "addUserToGroup",
    "remove-from-group": "removeUserFromGroup",
    "remove-factor": "removeUserFactor",
    "end-session": "endUserSession",
    "forget-device": "forgetUserDevice",
    "delete": "deleteUser",
}


ACTION_SUMMARIES: Final = {
    "resend-invitation": "Send an invitation again",
    "confirm": "Confirm a user",
    "disable": "Disable a user",
    "enable": "Enable a user",
    "sign-out": "Sign a user out on every device",
    "reset-password": "Force a user to reset the password",
    "set-temporary-password": "Set a temporary password",
    "add-to-group": "Add a user to a group",
    "remove-from-group": "Remove a user from a group",
    "remove-factor": "Remove a second factor of a user",
    "end-session": "End a session of a user at Cognito",
    "forget-device": "Forget a remembered device of a user",
    "delete": "Delete a user",
}


def _operation_of(action: UserAction) -> Operation:
    if action.name not in ACTION_IDS or action.name not in ACTION_SUMMARIES:
        raise LookupError(f'Add "{action.name}" to ACTION_IDS and ACTION_SUMMARIES of {__name__}.')
    # The body is read, and must be empty or an empty object, also where there is nothing to say.
    return Operation(
        id=ACTION_IDS[action.name],
        summary=ACTION_SUMMARIES[action.name],
        description=str(action.consequence),
        tag=TAG,
        takes=None if action.argument is Argument.NONE else TAKES[action.argument],
        gives={204: None},
        errors=OF_A_STATE | {413, 415},
        sent=SENT[action.argument],
    )


OPERATIONS: Final[Operations] = {
    AuditEventsView: {
        "get": Operation(
            id="listAuditEvents",
            summary="List events of the audit trail",
            description="Returns events in pages, newest first. Each has an actor, an action, a "
            "subject and an outcome.",
            tag=TAG,
            gives={200: AuditEventSerializer(many=True)},
            answered=EVENT,
        ),
    },
    UsersView: {
        "get": Operation(
            id="listUsers",
            summary="List or search users",
            description="Returns users in the order of the user pool. A page can be empty although "
            "more follow. On the last page, `next_cursor` is null.",
            tag=TAG,
            gives={200: DirectoryUserPageSerializer},
            answered=USERS,
            errors=OF_THE_POOL,
        ),
        "post": Operation(
            id="inviteUser",
            summary="Invite a user",
            description="Cognito sends a temporary password to the address. The `Location` "
            "header of the answer is the address of the user.",
            tag=TAG,
            takes=InvitationSerializer,
            gives={201: DirectoryUserSerializer},
            answered=USER | {"status": "FORCE_CHANGE_PASSWORD"},
            errors=OF_A_STATE,
            headers={"Location": "The address of the user."},
            sent={"email": "ada@example.com", "name": "Ada Lovelace"},
        ),
    },
    UserView: {
        "get": Operation(
            id="getUser",
            summary="Get a user",
            description="Returns a user with attributes, groups and second factors. `username` can "
            "also be a `sub` or an e-mail address.",
            tag=TAG,
            gives={200: DirectoryPersonSerializer},
            answered={
                "user": USER,
                "attributes": {"sub": SUB, "email": "ada@example.com", "email_verified": "true"},
                "mfa": ["SOFTWARE_TOKEN_MFA"],
                "groups": ["readers"],
            },
            errors=OF_THE_POOL,
        ),
    },
    UserFactorsView: {
        "get": Operation(
            id="listUserFactors",
            summary="List the sign-in factors of a user",
            description="Returns the factors by their names in Cognito. Cognito gives operators no "
            "way to list or remove passkeys; `WEB_AUTHN` says that there is one.",
            tag=TAG,
            gives={200: FactorsSerializer},
            answered=FACTORS,
            errors=OF_THE_POOL | {501},
        ),
    },
    UserSessionsView: {
        "get": Operation(
            id="listUserSessions",
            summary="List the sessions of a user at Cognito",
            description="Returns all sessions, the most recently used first. New ones are missing "
            "for some seconds. If the user pool does not track sessions, the answer is 409.",
            tag=TAG,
            gives={200: PoolSessionListSerializer},
            answered={"sessions": [SESSION]},
            errors=OF_A_STATE | {501},
        ),
    },
    UserDevicesView: {
        "get": Operation(
            id="listUserDevices",
            summary="List the remembered devices of a user",
            description="Returns the first 60 devices. If the user pool does not remember devices, "
            "the answer is 409.",
            tag=TAG,
            gives={200: RememberedDeviceListSerializer},
            answered={"devices": [DEVICE]},
            errors=OF_A_STATE | {501},
        ),
    },
    GroupsView: {
        "get": Operation(
            id="listGroups",
            summary="List the groups",
            description="Returns the first 600 groups, sorted by name.",
            tag=TAG,
            gives={200: DirectoryGroupListSerializer},
            answered={"groups": [GROUP]},
            errors=OF_THE_POOL,
        ),
        "post": Operation(
            id="createGroup",
            summary="Create a group",
            description="The group has no AWS role.",
            tag=TAG,
            takes=DirectoryGroupSerializer,
            gives={201: DirectoryGroupSerializer},
            answered=GROUP,
            errors=OF_A_STATE,
            sent={"name": "readers", "description": "May read"},
        ),
    },
    GroupView: {
        "get": Operation(
            id="getGroup",
            summary="Get a group",
            description="Returns a group with its description and precedence.",
            tag=TAG,
            gives={200: DirectoryGroupSerializer},
            answered=GROUP,
            errors=OF_THE_POOL,
        ),
        "patch": Operation(
            id="updateGroup",
            summary="Change a group",
            description="Omitted members stay unchanged. A group with an AWS role cannot be "
            "changed through this API.",
            tag=TAG,
            takes=GroupEditSerializer,
            gives={200: DirectoryGroupSerializer},
            answered=GROUP | {"precedence": 10},
            errors=OF_THE_POOL | {501},
            sent={"description": "May read", "precedence": 10},
        ),
        "delete": Operation(
            id="deleteGroup",
            summary="Delete a group",
            description="Deletes the group, but not its members. A group that the configuration of "
            "this service names cannot be deleted.",
            tag=TAG,
            gives={204: None},
            errors=OF_THE_POOL,
        ),
    },
    GroupMembersView: {
        "get": Operation(
            id="listGroupMembers",
            summary="List the members of a group",
            description="Returns users in pages, in the order of the user pool.",
            tag=TAG,
            gives={200: DirectoryUserPageSerializer},
            answered=USERS,
            errors=OF_THE_POOL,
        ),
    },
    **{view: {"post": _operation_of(ACTIONS[name])} for name, view in ACTION_VIEWS.items()},
}
