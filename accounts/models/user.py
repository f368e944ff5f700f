"""Users who have signed in through Cognito."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy

from cognito.attributes.labels import shown


class UserManager(models.Manager["User"]):
    """Only sign-ins create users, so there is no `create_user` with a password."""

    def get_by_natural_key(self, pk: str) -> User:
        return self.get(pk=pk)


class User(AbstractBaseUser, PermissionsMixin):
    """A user, identified by issuer and `sub`. All other fields are labels that can change.

    Never look a user up by e-mail address: an address can pass from one person to another.
    """

    # Cognito stores the passwords. Without the field, Django offers no password form.
    password = None  # type: ignore[assignment]

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
    is_staff = models.BooleanField(
        gettext_lazy("staff"),
        default=False,
        help_text=gettext_lazy("Follows the Cognito groups at each sign-in."),
    )
    created_at = models.DateTimeField(
        verbose_name=gettext_lazy("created at"), db_default=Now(), editable=False
    )

    objects = UserManager()

    # Django requires a unique field here. No form asks for it.
    USERNAME_FIELD = "id"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
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

    def __str__(self) -> str:
        return self.identity

    @property
    def identity(self) -> str:
        """The label for operators: the address first, because users choose their names."""
        return shown(self.email or self.username or self.name or self.sub)

    @property
    def display_name(self) -> str:
        return self.name or self.email or self.username or self.sub

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
