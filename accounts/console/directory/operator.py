"""The operator who acts on the directory, and the rules that limit the actions."""

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
from accounts.identity.adapter import adapter
from accounts.models import AbstractIdentity
from cognito.directory.records import DirectoryGroup, DirectoryUser


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the pool with their groups, both as the pool reports them now."""

    user: DirectoryUser
    groups: Sequence[DirectoryGroup]

    @property
    def is_superuser(self) -> bool:
        return any(group.name in settings.COGNITO_SUPERUSER_GROUPS for group in self.groups)

    @property
    def rights(self) -> Rights:
        """The rights from the groups, and those that an earlier sign-in still gives here."""
        row = row_of(self.user)
        here = rights.of_row(row) if row is not None else Rights()
        return rights.of_groups(self.groups) | here


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator with their rights. The audit trail records `user` as the actor."""

    user: Named
    rights: Rights = field(repr=False)

    def demand(self, permission: str) -> None:
        """Require a permission. Raises PermissionMissing."""
        if not self.rights.allow(permission):
            raise PermissionMissing

    def demand_over(self, person: Person) -> None:
        """Require that the operator may act on a user.

        Raises:
            OwnAccountRefused: the user is the operator.
            MoreRights: the user has rights that the operator does not have.
        """
        if self.is_me(person.user):
            raise OwnAccountRefused
        if not self.rights.cover(person.rights):
            raise MoreRights

    def demand_group(self, group: DirectoryGroup) -> None:
        """Raise MoreRights if the group gives rights that the operator does not have."""
        if not self.rights.cover(rights.of_groups([group])):
            raise MoreRights

    def is_me(self, user: DirectoryUser) -> bool:
        return same_user(user, self.user)


def same_user(user: DirectoryUser, row: Named) -> bool:
    return user.sub == row.sub


def row_of(user: DirectoryUser) -> AbstractIdentity | None:
    """Return the row of a user, or None if the user has never signed in with a browser."""
    return adapter().find(issuer=settings.COGNITO_ISSUER, sub=user.sub)


def demand_not_in_use(group: str) -> None:
    """Raise GroupInUse if the configuration gives rights to the members of the group."""
    if group in settings.COGNITO_STAFF_GROUPS | settings.COGNITO_SUPERUSER_GROUPS:
        raise GroupInUse
