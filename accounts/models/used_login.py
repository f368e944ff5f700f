"""Login transactions that were used."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class UsedLogin(models.Model):
    """A used login transaction, stored before its code is exchanged.

    The row prevents a second use of the same callback. An attacker can add rows only with sign-ins
    that their own browser began, and accounts.rate_limits.limits limits those that fail. A row is
    not needed after the transaction has expired.
    """

    # SHA-256 of the transaction's state, in hex.
    state_digest = models.CharField(primary_key=True, max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return self.state_digest[:12]
