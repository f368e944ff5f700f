"""Who has signed in: the fields and members that every model of identities has.

A project has one such model. It is our own `User` if AUTH_USER_MODEL names it. Otherwise it is
`Identity` of the application `accounts.identity`, whose rows point to the project's own users.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from cognito.attributes.labels import shown

if TYPE_CHECKING:
    from datetime import datetime

OWN_USER_MODEL = "accounts.User"
LINKED_MODEL = "gatehouse_identity.Identity"


def has_own_user_model() -> bool:
    """Return whether the users of this project are rows of `accounts.User`."""
    return settings.AUTH_USER_MODEL.lower() == OWN_USER_MODEL.lower()


def identity_model_name() -> str:
    """Return the model of identities, as a foreign key names it."""
    return OWN_USER_MODEL if has_own_user_model() else LINKED_MODEL


def identity_model() -> type[AbstractIdentity]:
    """Return the model of identities. Call it when the applications are loaded."""
    model: type[AbstractIdentity] = apps.get_model(identity_model_name())
    return model


def path_to_user(identity: str) -> str:
    """Return the lookup that leads from an identity to the project's user, for `select_related`.

    Args:
        identity: the lookup that leads to the identity.
    """
    return identity if has_own_user_model() else f"{identity}__user"


class AbstractIdentity(models.Model):
    """A user, identified by issuer and `sub`. All other fields are labels that can change.

    Never look a user up by e-mail address: an address can pass from one person to another.
    """

    issuer = models.CharField(verbose_name=gettext_lazy("issuer"), max_length=255, editable=False)
    sub = models.CharField(max_length=255, editable=False)
    username = models.CharField(
        verbose_name=gettext_lazy("username"),
        max_length=255,
        blank=True,
        help_text=gettext_lazy("As the user pool has it."),
    )
    email = models.CharField(verbose_name=gettext_lazy("email"), max_length=320, blank=True)
    email_verified = models.BooleanField(verbose_name=gettext_lazy("email verified"), default=False)
    name = models.CharField(verbose_name=gettext_lazy("name"), max_length=255, blank=True)
    is_active = models.BooleanField(
        gettext_lazy("active"),
        default=True,
        help_text=gettext_lazy("Switch off to end all sessions and refuse new sign-ins."),
    )
    created_at = models.DateTimeField(
        verbose_name=gettext_lazy("created at"), db_default=Now(), editable=False
    )

    if TYPE_CHECKING:
        objects: models.Manager[Any]
        is_staff: bool
        is_superuser: bool
        last_login: datetime | None

        def get_all_permissions(self, obj: Any = None) -> set[str]: ...
        def has_perm(self, perm: str, obj: Any = None) -> bool: ...

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.identity

    @classmethod
    def switched_off(cls) -> models.QuerySet[Self]:
        """Return the rows whose tokens and sessions are refused."""
        rows: models.QuerySet[Self] = cls.objects.filter(is_active=False)
        return rows

    @property
    def auth_user(self) -> Any:
        """The row of AUTH_USER_MODEL, which is `request.user` of a browser session."""
        raise NotImplementedError

    def mark_signed_in(self) -> None:
        """Record the time of a sign-in. Django itself does it for the row of AUTH_USER_MODEL."""

    @property
    def may_sign_in(self) -> bool:
        return self.is_active

    @property
    def identity(self) -> str:
        """The label for operators: the address first, because users choose their names."""
        return shown(self.email or self.username or self.name or self.sub)

    @property
    def display_name(self) -> str:
        return self.name or self.email or self.username or self.sub
