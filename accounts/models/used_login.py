"""Login transactions that were used up."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class UsedLogin(models.Model):
    """Written before a code is exchanged, so that no callback is taken twice.

    Only a callback that belongs to a sign-in of its browser gets this far. Anybody can make one of
    their own, but not many: accounts.rate_limits.limits counts those that fail. Rows are of no use
    once the transaction itself has expired.
    """

    # SHA-256 of the transaction's state, in hex.
    state_digest = models.CharField(primary_key=True, max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return self.state_digest[:12]
