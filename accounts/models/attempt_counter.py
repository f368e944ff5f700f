"""Attempt counters, which all processes share."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class AttemptCounter(models.Model):
    """The attempts of one account or address for one purpose, until the window closes.

    Only accounts.rate_limits.counters writes it. The key is a keyed hash, so that the table reveals
    no e-mail address.
    """

    # HMAC-SHA-256 in hex.
    key = models.CharField(primary_key=True, max_length=64)
    count = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return f"{self.key[:12]}: {self.count}"
