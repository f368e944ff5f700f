"""How often somebody tried, for limits that every process shares."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class AttemptCounter(models.Model):
    """Attempts at one thing by one account or from one address, until the window closes.

    Written by accounts.rate_limits.counters alone. What is counted is known by a keyed hash: the
    table tells nobody's e-mail address.
    """

    # HMAC-SHA-256 in hex.
    key = models.CharField(primary_key=True, max_length=64)
    count = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return f"{self.key[:12]}: {self.count}"
