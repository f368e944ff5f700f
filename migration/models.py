"""Two small tables. Only requests with a valid signature write to them.

Rows have an end, after which they are deleted. The caches of Django are not used instead, because
the default one is not shared by processes and drops entries at random.
"""

from __future__ import annotations

from typing import Any

from django.db import models


class Nonce(models.Model):
    """A request that was answered, so that a copy of it is refused.

    Attributes:
        value: from the signature of the request.
        ends: seconds since 1970. A copy that comes later is too old anyway.
    """

    # mypy finds the manager of installed applications only.
    objects: Any

    value = models.CharField(max_length=64, primary_key=True)
    ends = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.value


class Attempts(models.Model):
    """How often a password was wrong, for one address or for all that one key has signed.

    Attributes:
        counter: a keyed digest, because users type passwords into fields for addresses.
        ends: seconds since 1970, when counting starts again.
    """

    objects: Any

    counter = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    ends = models.BigIntegerField(db_index=True)

    class Meta:
        verbose_name_plural = "attempts"

    def __str__(self) -> str:
        return f"{self.count} attempts of {self.counter}"
