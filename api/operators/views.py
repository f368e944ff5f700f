"""`operators/users` and `operators/groups`: the user pool, read live."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.console.directory.actions import ACTIONS, UserAction
from api.operators.cursors import open_cursor, seal_cursor
from api.operators.operator_view import OperatorView
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
    MembersQuery,
    PoolSessionListSerializer,
    RememberedDeviceListSerializer,
    UserQuery,
)
from cognito.directory.search import Search
from cognito.errors import GroupNotFound


class UsersView(OperatorView):
    """The users of the pool."""

    takes_query = (UserQuery,)

    def get(self, request: Request) -> Response:
        """List or search users, in the order of the pool."""
        query = UserQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        search = Search(wanted["field"], wanted["search"], wanted["status"])
        of = f"users {search}"
        with open_cursor(wanted["cursor"], of=of) as token:
            page = self.console().users(search, limit=wanted["limit"], token=token)
        found = {"results": page.users, "next_cursor": seal_cursor(page.next_token, of=of)}
        return Response(DirectoryUserPageSerializer(found).data)

    def post(self, request: Request) -> Response:
        """Invite a user. The `Location` header is the address of the user."""
        invitation = InvitationSerializer(data=request.data)
        invitation.is_valid(raise_exception=True)
        user = self.console().invite(**invitation.validated_data)
        location = reverse("api:operators:user", kwargs={"username": user.username})
        return Response(
            DirectoryUserSerializer(user).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": location},
        )


class NamedView(OperatorView):
    """A view of a user or a group by name, which can contain a slash."""

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Raise NotFound if the name has a slash: the path may name an action that is unknown."""
        if any("/" in name for name in kwargs.values()):
            raise NotFound
        return super().http_method_not_allowed(request, *args, **kwargs)


class UserView(NamedView):
    """One user."""

    def get(self, request: Request, username: str) -> Response:
        """Return a user by user name, `sub` or e-mail address."""
        return Response(DirectoryPersonSerializer(self.console().person(username)).data)


class UserFactorsView(OperatorView):
    """What a user signs in with."""

    def get(self, request: Request, username: str) -> Response:
        """Return the sign-in factors of a user."""
        return Response(FactorsSerializer(self.console().factors(username)).data)


class UserSessionsView(OperatorView):
    """The sessions of a user at Cognito."""

    def get(self, request: Request, username: str) -> Response:
        """List the sessions of a user, where the pool tracks sessions."""
        sessions = self.console().sessions(username)
        return Response(PoolSessionListSerializer({"sessions": sessions}).data)


class UserDevicesView(OperatorView):
    """The devices of a user that Cognito remembers."""

    def get(self, request: Request, username: str) -> Response:
        """List the devices of a user, where the pool remembers devices."""
        devices = self.console().devices(username)
        return Response(RememberedDeviceListSerializer({"devices": devices}).data)


class UserActionView(OperatorView):
    """An action on a user. Each subclass has its own `action`."""

    action: ClassVar[UserAction]

    def post(self, request: Request, username: str) -> Response:
        """Act on the user in the pool, and apply the consequences here."""
        takes = TAKES[self.action.argument](data=request.data or {})
        takes.is_valid(raise_exception=True)
        argument = next(iter(takes.validated_data.values()), "")
        try:
            self.console().act(self.action.name, username, argument)
        except GroupNotFound as error:
            # A 404 would blame the path, but the group is in the body.
            raise serializers.ValidationError({"group": [error.message]}) from error
        return Response(status=status.HTTP_204_NO_CONTENT)


def _view_of(action: UserAction) -> type[UserActionView]:
    methods = frozenset({"POST"}) if action.needs_recent_sign_in else frozenset()
    members = {"action": action, "needs_recent_sign_in": methods}
    return type(f"UserActionView({action.name})", (UserActionView,), members)


ACTION_VIEWS = {name: _view_of(action) for name, action in ACTIONS.items()}


class GroupsView(OperatorView):
    """The groups of the pool."""

    needs_recent_sign_in = frozenset({"POST"})

    def get(self, request: Request) -> Response:
        """List groups."""
        groups = self.console().groups()
        return Response(DirectoryGroupListSerializer({"groups": groups}).data)

    def post(self, request: Request) -> Response:
        """Create a group."""
        group = DirectoryGroupSerializer(data=request.data)
        group.is_valid(raise_exception=True)
        made = self.console().create_group(**group.validated_data)
        return Response(DirectoryGroupSerializer(made).data, status=status.HTTP_201_CREATED)


class GroupView(NamedView):
    """One group."""

    needs_recent_sign_in = frozenset({"PATCH", "DELETE"})

    def get(self, request: Request, name: str) -> Response:
        """Return a group."""
        return Response(DirectoryGroupSerializer(self.console().group(name)).data)

    def patch(self, request: Request, name: str) -> Response:
        """Change a group, and return it as the pool has it afterwards."""
        changes = GroupEditSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        group = self.console().edit_group(name, changes.validated_data)
        return Response(DirectoryGroupSerializer(group).data)

    def delete(self, request: Request, name: str) -> Response:
        """Delete a group, but not its members."""
        self.console().delete_group(name)
        return Response(status=status.HTTP_204_NO_CONTENT)


class GroupMembersView(OperatorView):
    """The members of a group."""

    takes_query = (MembersQuery,)

    def get(self, request: Request, name: str) -> Response:
        """List members, in the order of the pool."""
        query = MembersQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        of = f"members {name}"
        with open_cursor(query.validated_data["cursor"], of=of) as token:
            page = self.console().members(name, token=token)
        found = {"results": page.users, "next_cursor": seal_cursor(page.next_token, of=of)}
        return Response(DirectoryUserPageSerializer(found).data)
