"""How far the audit trail has been delivered to an event bus."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models


class AuditDelivery(models.Model):
    """The position of the delivery: one row.

    The events themselves have no such state, because nothing may change them.
    """

    BUS: Final = 1

    # The last row of the trail that the bus has, with all before it.
    position = models.BigIntegerField(default=0, editable=False)
    delivered_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return f"delivered up to row {self.position}"
