"""The groups of the user pool, for operators.

Each method names its operation. AWS documents the operations at
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cognito.directory.calls import MAX_PAGE, DirectoryCalls
from cognito.directory.records import (
    DirectoryGroup,
    UserPage,
    group_of,
    members_of,
    next_token,
    user_of,
)
from cognito.errors import MalformedAnswer

# A pool has at most 10,000 groups, and a user is in at most 100. The console shows no more pages.
MAX_GROUP_PAGES = 10


@dataclass(frozen=True, slots=True)
class GroupDirectory(DirectoryCalls):
    """Groups and their members. Raises the errors of `Directory`."""

    def groups(self) -> list[DirectoryGroup]:
        """ListGroups. Return the first 600 groups, sorted by name."""
        return self._all_groups(
            lambda page: lambda client: client.list_groups(**self._pool(), **page)
        )

    def group(self, name: str) -> DirectoryGroup:
        """GetGroup."""
        answer = self._call(lambda client: client.get_group(**self._pool(), GroupName=name))
        return _group_in(answer)

    def members(self, group: str, *, token: str | None = None) -> UserPage:
        """ListUsersInGroup. Return up to MAX_PAGE members."""
        page = {"NextToken": token} if token else {}
        answer = self._call(
            lambda client: client.list_users_in_group(
                **self._pool(), GroupName=group, Limit=MAX_PAGE, **page
            )
        )
        users = [user_of(one) for one in members_of(answer, "Users")]
        return UserPage(users, next_token(answer, "NextToken"))

    def create_group(
        self, name: str, *, description: str = "", precedence: int | None = None
    ) -> DirectoryGroup:
        """CreateGroup, without an IAM role. Raises GroupExists."""
        about = self._about_group(name, description, precedence)
        if precedence is None and self.service.endpoint_url:
            # AWS gives such a group no precedence. MiniStack reads a missing value as 0, which is
            # the highest one, and null as no precedence.
            about["Precedence"] = None
        answer = self._call(lambda client: client.create_group(**about))
        return _group_in(answer)

    def update_group(
        self, name: str, *, description: str, precedence: int | None
    ) -> DirectoryGroup:
        """UpdateGroup. Return the group as it is afterwards, which takes a second call (GetGroup).

        Do not use it for a group with an IAM role. Cognito removes what the call leaves out, and
        the call leaves the role out because naming it requires the permission iam:PassRole.
        """
        answer = self._call(
            lambda client: client.update_group(**self._about_group(name, description, precedence))
        )
        _group_in(answer)
        return self.group(name)

    def delete_group(self, name: str) -> None:
        """DeleteGroup. Its members leave it and keep their accounts."""
        self._call(lambda client: client.delete_group(**self._pool(), GroupName=name))

    def groups_of(self, username: str) -> list[DirectoryGroup]:
        """AdminListGroupsForUser. Return all groups of the user, sorted by name."""
        return self._all_groups(
            lambda page: (
                lambda client: client.admin_list_groups_for_user(**self._named(username), **page)
            )
        )

    def group_names(self, username: str) -> list[str]:
        """AdminListGroupsForUser. Return the names of the first 60 groups, with one call."""
        answer = self._call(
            lambda client: client.admin_list_groups_for_user(
                **self._named(username), Limit=MAX_PAGE
            )
        )
        return sorted(group_of(one).name for one in members_of(answer, "Groups"))

    def _all_groups(self, operation: Any) -> list[DirectoryGroup]:
        groups: list[DirectoryGroup] = []
        page: dict[str, Any] = {"Limit": MAX_PAGE}
        for _ in range(MAX_GROUP_PAGES):
            answer = self._call(operation(page))
            groups += [group_of(one) for one in members_of(answer, "Groups")]
            token = next_token(answer, "NextToken")
            if token is None:
                break
            page["NextToken"] = token
        return sorted(groups, key=lambda group: group.name)

    def _about_group(self, name: str, description: str, precedence: int | None) -> dict[str, Any]:
        about: dict[str, Any] = {**self._pool(), "GroupName": name, "Description": description}
        return about if precedence is None else about | {"Precedence": precedence}


def _group_in(answer: Mapping[str, Any]) -> DirectoryGroup:
    group = answer.get("Group")
    if not isinstance(group, Mapping):
        raise MalformedAnswer
    return group_of(group)
