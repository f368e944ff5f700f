"""What operators do, in the OpenAPI document."""

from __future__ import annotations

from typing import Final

from accounts.directory.actions import ACTIONS, Argument, UserAction
from api.openapi.operation import Operation, Operations
from api.operators.audit_events import AuditEventSerializer, AuditEventsView
from api.operators.serializers import (
    TAKES,
    DirectoryGroupListSerializer,
    DirectoryGroupSerializer,
    DirectoryPersonSerializer,
    DirectoryUserPageSerializer,
    DirectoryUserSerializer,
    GroupEditSerializer,
    InvitationSerializer,
)
from api.operators.views import (
    ACTION_VIEWS,
    GroupMembersView,
    GroupsView,
    GroupView,
    UsersView,
    UserView,
)

TAG: Final = "Operators"
# A quota of the pool; and a user or group that is not in a state for it.
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
    "delete": "deleteUser",
}


def _operation_of(action: UserAction) -> Operation:
    return Operation(
        id=ACTION_IDS[action.name],
        summary=f"{action.label}: a user",
        description=action.consequence,
        tag=TAG,
        takes=None if action.argument is Argument.NONE else TAKES[action.argument],
        gives={204: None},
        errors=OF_A_STATE,
    )


OPERATIONS: Final[Operations] = {
    AuditEventsView: {
        "get": Operation(
            id="listAuditEvents",
            summary="List who did what to whom, newest first",
            tag=TAG,
            gives={200: AuditEventSerializer(many=True)},
        ),
    },
    UsersView: {
        "get": Operation(
            id="listUsers",
            summary="List or search the users of the pool",
            description="In the order of the pool, which pages as it likes: a page may be empty "
            "although others follow.",
            tag=TAG,
            gives={200: DirectoryUserPageSerializer},
            errors=OF_THE_POOL,
        ),
        "post": Operation(
            id="inviteUser",
            summary="Invite somebody",
            description="Cognito sends a temporary password to the address.",
            tag=TAG,
            takes=InvitationSerializer,
            gives={201: DirectoryUserSerializer},
            errors=OF_A_STATE,
            headers={"Location": "Where the user is."},
            sent={"email": "ada@example.com", "name": "Ada Lovelace"},
        ),
    },
    UserView: {
        "get": Operation(
            id="getUser",
            summary="Read a user of the pool, with groups",
            tag=TAG,
            gives={200: DirectoryPersonSerializer},
            errors=OF_THE_POOL,
        ),
    },
    GroupsView: {
        "get": Operation(
            id="listGroups",
            summary="List the groups of the pool",
            tag=TAG,
            gives={200: DirectoryGroupListSerializer},
            errors=OF_THE_POOL,
        ),
        "post": Operation(
            id="createGroup",
            summary="Create a group",
            tag=TAG,
            takes=DirectoryGroupSerializer,
            gives={201: DirectoryGroupSerializer},
            errors=OF_A_STATE,
            sent={"name": "readers", "description": "May read"},
        ),
    },
    GroupView: {
        "get": Operation(
            id="getGroup",
            summary="Read a group",
            tag=TAG,
            gives={200: DirectoryGroupSerializer},
            errors=OF_THE_POOL,
        ),
        "patch": Operation(
            id="updateGroup",
            summary="Change a group",
            description="Not one with an AWS role. What is left out stays as it is.",
            tag=TAG,
            takes=GroupEditSerializer,
            gives={200: DirectoryGroupSerializer},
            errors=OF_THE_POOL,
            sent={"description": "May read", "precedence": 10},
        ),
        "delete": Operation(
            id="deleteGroup",
            summary="Delete a group",
            description="Not one that the configuration of this service names.",
            tag=TAG,
            gives={204: None},
            errors=OF_THE_POOL,
        ),
    },
    GroupMembersView: {
        "get": Operation(
            id="listGroupMembers",
            summary="List who is in a group",
            description="In the order of the pool.",
            tag=TAG,
            gives={200: DirectoryUserPageSerializer},
            errors=OF_THE_POOL,
        ),
    },
    **{view: {"post": _operation_of(ACTIONS[name])} for name, view in ACTION_VIEWS.items()},
}
