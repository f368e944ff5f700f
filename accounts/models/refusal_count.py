"""How often requests were refused, hour by hour."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class RefusalCount(models.Model):
    """Refused requests of one hour, by the status that refused them.

    Written by accounts.console.refusal_counts alone.
    """

    hour = models.DateTimeField()
    status = models.PositiveSmallIntegerField()
    count = models.PositiveBigIntegerField()

    class Meta:
        default_permissions: ClassVar = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hour", "status"], name="accounts_refusals_of_an_hour")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h, {self.status}: {self.count}"
