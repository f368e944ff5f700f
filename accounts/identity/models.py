"""The link between a user of the user pool and a row of the project's own user model."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models.identity import AbstractIdentity


class Identity(AbstractIdentity):
    """A user of the user pool, and the user of this project that it signs in.

    `username`, `email` and `name` are those of the user pool. The project's user has its own.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=gettext_lazy("user"),
        on_delete=models.CASCADE,
        related_name="gatehouse_identity",
    )
    last_login = models.DateTimeField(gettext_lazy("last login"), null=True, editable=False)

    class Meta:
        app_label = "gatehouse_identity"
        verbose_name = gettext_lazy("identity")
        verbose_name_plural = gettext_lazy("identities")
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="gatehouse_identity_issuer_sub",
                # One row for each user of the pool.
                fields=["issuer", "sub"],
            )
        ]
        indexes: ClassVar = [
            # Every process reads the few inactive identities every few seconds.
            models.Index(
                fields=["issuer", "sub"],
                condition=models.Q(is_active=False),
                name="gatehouse_identity_inactive",
            )
        ]

    @classmethod
    def switched_off(cls) -> models.QuerySet[Self]:
        """Return the rows that are off here, and those whose user the project has deactivated."""
        is_off = models.Q(is_active=False)
        if user_has_field("is_active"):
            is_off |= models.Q(user__is_active=False)
        rows: models.QuerySet[Self] = cls.objects.filter(is_off)
        return rows

    @property
    def auth_user(self) -> Any:
        return self.user

    def mark_signed_in(self) -> None:
        self.last_login = timezone.now()
        self.save(update_fields=["last_login"])

    @property
    def may_sign_in(self) -> bool:
        return self.is_active and self.user.is_active

    @property
    def is_staff(self) -> bool:  # type: ignore[override] # a column of our own user model
        return bool(getattr(self.user, "is_staff", False))

    @property
    def is_superuser(self) -> bool:  # type: ignore[override] # as above
        return bool(getattr(self.user, "is_superuser", False))

    def get_all_permissions(self, obj: Any = None) -> set[str]:
        """Return the permissions of the user. A user model without permissions has none."""
        permissions = getattr(self.user, "get_all_permissions", None)
        return permissions(obj) if permissions is not None else set()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Return whether the user has a permission."""
        has_perm = getattr(self.user, "has_perm", None)
        return bool(has_perm is not None and has_perm(perm, obj))


def user_has_field(name: str) -> bool:
    """Return whether the project's user model has a column of this name."""
    try:
        get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
