"""The rights of users and groups on this site, in a form that can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import Permission

from accounts.models import AbstractIdentity
from cognito.directory.records import DirectoryGroup

PREFIX = "accounts."


@dataclass(frozen=True, slots=True)
class Rights:
    """Comparable rights. `has_role` means an IAM role, which can reach beyond this application."""

    is_superuser: bool = False
    is_staff: bool = False
    has_role: bool = False
    permissions: frozenset[str] = frozenset()

    def cover(self, other: Rights) -> bool:
        """Return whether these rights include all of the others."""
        if self.is_superuser:
            return True
        return not (
            other.is_superuser
            or other.has_role
            or (other.is_staff and not self.is_staff)
            or not other.permissions <= self.permissions
        )

    def allow(self, permission: str) -> bool:
        """Return whether the rights include a permission of `accounts`, such as `invite_users`."""
        return self.is_superuser or (self.is_staff and PREFIX + permission in self.permissions)

    def __or__(self, other: Rights) -> Rights:
        return Rights(
            is_superuser=self.is_superuser or other.is_superuser,
            is_staff=self.is_staff or other.is_staff,
            has_role=self.has_role or other.has_role,
            permissions=self.permissions | other.permissions,
        )


def of_group_names(names: Iterable[str]) -> Rights:
    """Return the rights that these groups of the pool give on this site. At most one query."""
    groups = frozenset(names)
    if not groups:
        return Rights()
    is_superuser = not groups.isdisjoint(settings.COGNITO_SUPERUSER_GROUPS)
    rows = Permission.objects.filter(group__name__in=groups)
    labels = rows.values_list("content_type__app_label", "codename").distinct()
    return Rights(
        is_superuser=is_superuser,
        is_staff=is_superuser or not groups.isdisjoint(settings.COGNITO_STAFF_GROUPS),
        permissions=frozenset(f"{label}.{codename}" for label, codename in labels),
    )


def of_groups(groups: Iterable[DirectoryGroup]) -> Rights:
    """Return the rights that these groups give, and whether one of them has an IAM role."""
    known = list(groups)
    has_role = any(group.has_role for group in known)
    return of_group_names(group.name for group in known) | Rights(has_role=has_role)


def of_row(user: AbstractIdentity) -> Rights:
    """Return the rights from a user's last sign-in or renewal.

    They can be more than the user's groups give now.
    """
    return Rights(
        is_superuser=user.is_superuser,
        is_staff=user.is_staff,
        permissions=frozenset(user.get_all_permissions()),
    )
