"""Whoever acts on the directory, and the rules that hold for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from accounts.audit.subject import Named
from accounts.console.directory import rights
from accounts.console.directory.errors import (
    GroupInUse,
    MoreRights,
    OwnAccountRefused,
    PermissionMissing,
)
from accounts.console.directory.rights import Rights
from accounts.models import User
from cognito.directory.records import DirectoryGroup, DirectoryUser


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the pool with the groups that they are in, both as of now."""

    user: DirectoryUser
    groups: Sequence[DirectoryGroup]

    @property
    def is_superuser(self) -> bool:
        return any(group.name in settings.COGNITO_SUPERUSER_GROUPS for group in self.groups)

    @property
    def rights(self) -> Rights:
        """What they have by their groups, and what an earlier sign-in still gives them here."""
        row = row_of(self.user)
        here = rights.of_row(row) if row is not None else Rights()
        return rights.of_groups(self.groups) | here


@dataclass(frozen=True, slots=True)
class Operator:
    """`user` is who the audit trail names as the actor."""

    user: Named
    rights: Rights = field(repr=False)

    def demand(self, permission: str) -> None:
        """Raises PermissionMissing."""
        if not self.rights.allow(permission):
            raise PermissionMissing

    def demand_over(self, person: Person) -> None:
        """Raise OwnAccountRefused, or MoreRights for rights that the operator lacks."""
        if self.is_me(person.user):
            raise OwnAccountRefused
        if not self.rights.cover(person.rights):
            raise MoreRights

    def demand_group(self, group: DirectoryGroup) -> None:
        """Raises MoreRights for a group that gives rights which the operator lacks."""
        if not self.rights.cover(rights.of_groups([group])):
            raise MoreRights

    def is_me(self, user: DirectoryUser) -> bool:
        return same_user(user, self.user)


def same_user(user: DirectoryUser, row: Named) -> bool:
    return user.sub == row.sub


def row_of(user: DirectoryUser) -> User | None:
    """The row of somebody who has signed in here with a browser."""
    return User.objects.filter(issuer=settings.COGNITO_ISSUER, sub=user.sub).first()


def demand_not_in_use(group: str) -> None:
    """Raises GroupInUse for a group by which this application gives rights."""
    if group in settings.COGNITO_STAFF_GROUPS | settings.COGNITO_SUPERUSER_GROUPS:
        raise GroupInUse
