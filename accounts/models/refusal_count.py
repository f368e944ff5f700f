"""The number of refused requests in each hour."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class RefusalCount(models.Model):
    """The refused requests of one hour with one status.

    Only the tally that each process keeps writes it.
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
