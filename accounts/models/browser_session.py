"""One signed-in device."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy

from accounts.models.identity import identity_model_name, path_to_user
from accounts.user_agents import browser_name


class BrowserSession(models.Model):
    """A signed-in device, in addition to Django's own session row.

    Deleting the row signs the device out, because BrowserSessionMiddleware checks it on each
    request.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        identity_model_name(),
        verbose_name=gettext_lazy("user"),
        on_delete=models.CASCADE,
        related_name="browser_sessions",
    )
    # The refresh token, encrypted by accounts.encryption. Empty if the pool issued none.
    refresh_token = models.TextField(blank=True, editable=False)
    # Shared by all tokens of this sign-in, including bearer tokens.
    origin_jti = models.CharField(max_length=255, blank=True, editable=False)
    # A pool that tracks devices requires it with the refresh token.
    device_key = models.CharField(max_length=55, blank=True, default="", editable=False)
    # The Cognito groups at `renewed_at`.
    groups = models.JSONField(default=list, editable=False)
    user_agent = models.CharField(
        verbose_name=gettext_lazy("user agent"), max_length=400, blank=True, editable=False
    )
    address = models.GenericIPAddressField(
        verbose_name=gettext_lazy("address"), null=True, editable=False
    )
    signed_in_at = models.DateTimeField(verbose_name=gettext_lazy("signed in at"), editable=False)
    last_seen_at = models.DateTimeField(verbose_name=gettext_lazy("last seen at"), editable=False)
    renewed_at = models.DateTimeField(verbose_name=gettext_lazy("renewed at"), editable=False)
    # While Cognito is unavailable: since when, and when to try again.
    failing_since = models.DateTimeField(null=True, editable=False)
    ask_again_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = gettext_lazy("browser session")
        verbose_name_plural = gettext_lazy("browser sessions")
        indexes: ClassVar = [
            models.Index(fields=["signed_in_at"], name="accounts_session_signed_in"),
            models.Index(fields=["last_seen_at"], name="accounts_session_last_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.user} since {self.signed_in_at:%Y-%m-%d %H:%M}"

    @classmethod
    def with_users(cls) -> models.QuerySet[Self]:
        """Return the sessions, with the users that they sign in. One query reads all."""
        return cls.objects.select_related(path_to_user("user"))

    @property
    def browser_name(self) -> str:
        return browser_name(self.user_agent)
