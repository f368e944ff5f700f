"""One signed-in device."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.user_agents import browser_name


class BrowserSession(models.Model):
    """What a sign-in left behind, beside Django's own session row.

    Deleting the row signs the device out: BrowserSessionMiddleware asks for it at every request.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="browser_sessions"
    )
    # The refresh token, encrypted (accounts.encryption). Empty where the pool gave none.
    refresh_token = models.TextField(blank=True, editable=False)
    # What all tokens of this sign-in have in common, bearer tokens included.
    origin_jti = models.CharField(max_length=255, blank=True, editable=False)
    # What the refresh token has to be sent with, where the pool tracks devices.
    device_key = models.CharField(max_length=55, blank=True, default="", editable=False)
    # Cognito's groups as of `renewed_at`.
    groups = models.JSONField(default=list, editable=False)
    user_agent = models.CharField(max_length=400, blank=True, editable=False)
    address = models.GenericIPAddressField(null=True, editable=False)
    signed_in_at = models.DateTimeField(editable=False)
    last_seen_at = models.DateTimeField(editable=False)
    renewed_at = models.DateTimeField(editable=False)
    # While Cognito cannot be had: since when, and when to ask again.
    failing_since = models.DateTimeField(null=True, editable=False)
    ask_again_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["signed_in_at"], name="accounts_session_signed_in"),
            models.Index(fields=["last_seen_at"], name="accounts_session_last_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.user} since {self.signed_in_at:%Y-%m-%d %H:%M}"

    @property
    def browser_name(self) -> str:
        return browser_name(self.user_agent)
