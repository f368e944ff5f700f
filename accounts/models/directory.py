"""The permissions of operators for the user pool. There is no table."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy


class Directory(models.Model):
    """Carries the permissions. The console reads the user pool through its API, live."""

    class Meta:
        managed = False
        default_permissions: ClassVar = ()
        verbose_name = gettext_lazy("directory")
        verbose_name_plural = gettext_lazy("directory")
        permissions: ClassVar = [
            ("view_directory", "Can see users and groups of the user pool"),
            ("invite_users", "Can invite users"),
            ("support_users", "Can confirm users, reset passwords and sign users out"),
            ("disable_users", "Can disable and enable users"),
            ("assign_groups", "Can add users to groups and remove them"),
            ("delete_users", "Can delete users"),
            ("manage_groups", "Can create, edit and delete groups"),
        ]

    def __str__(self) -> str:
        return "directory"
