"""The permissions of operators for the user pool. There is no table."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy, gettext_noop


class Directory(models.Model):
    """Carries the permissions. The console reads the user pool through its API, live."""

    class Meta:
        managed = False
        default_permissions: ClassVar = ()
        verbose_name = gettext_lazy("directory")
        verbose_name_plural = gettext_lazy("directory")
        permissions: ClassVar = [
            ("view_directory", gettext_noop("Can see users and groups of the user pool")),
            ("invite_users", gettext_noop("Can invite users")),
            (
                "support_users",
                gettext_noop("Can confirm users, reset passwords and sign users out"),
            ),
            ("disable_users", gettext_noop("Can disable and enable users")),
            ("assign_groups", gettext_noop("Can add users to groups and remove them")),
            ("delete_users", gettext_noop("Can delete users")),
            ("manage_groups", gettext_noop("Can create, edit and delete groups")),
        ]

    def __str__(self) -> str:
        return "directory"
