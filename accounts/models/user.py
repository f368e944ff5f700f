"""Users who have signed in through Cognito, in a project without a user model of its own."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy

from accounts.models.identity import AbstractIdentity


class UserManager(models.Manager["User"]):
    """Only sign-ins create users, so there is no `create_user` with a password."""

    def get_by_natural_key(self, pk: str) -> User:
        return self.get(pk=pk)


class User(AbstractIdentity, AbstractBaseUser, PermissionsMixin):
    """A user whose row is the identity itself.

    Django leaves this model out of a project whose AUTH_USER_MODEL is another one.
    """

    # Cognito stores the passwords. Without the field, Django offers no password form.
    password = None  # type: ignore[assignment]

    is_staff = models.BooleanField(
        gettext_lazy("staff"),
        default=False,
        help_text=gettext_lazy("Follows the Cognito groups at each sign-in."),
    )

    objects = UserManager()

    # Django requires a unique field here. No form asks for it.
    USERNAME_FIELD = "id"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        swappable = "AUTH_USER_MODEL"
        verbose_name = gettext_lazy("user")
        verbose_name_plural = gettext_lazy("users")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "sub"], name="accounts_user_identity")
        ]
        indexes: ClassVar = [
            # Every process reads the few inactive users every few seconds.
            models.Index(
                fields=["issuer", "sub"],
                condition=models.Q(is_active=False),
                name="accounts_user_inactive",
            )
        ]

    @property
    def auth_user(self) -> User:
        return self

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    def has_usable_password(self) -> bool:
        return False

    def get_session_auth_hash(self) -> str:
        """Bind a session to the identity; Django binds it to the password."""
        return self._identity_hash(secret=None)

    def get_session_auth_fallback_hash(self):  # type: ignore[no-untyped-def] # as in Django
        from django.conf import settings  # noqa: PLC0415 # settings are read late

        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._identity_hash(secret=secret)

    def _identity_hash(self, secret: str | None) -> str:
        return salted_hmac(
            "accounts.User.session", f"{self.issuer}\0{self.sub}", secret=secret, algorithm="sha256"
        ).hexdigest()
