"""The tables of the application. Requests with a valid signature write to them, and operators.

Nonces and attempts have an end, after which they are deleted. The caches of Django are not used
instead, because the default one is not shared by processes and drops entries at random. The other
tables have at most one row for each user and reason.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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


class CameAlong(models.Model):
    """A user of this site who is in the user pool.

    For the ways at sign-in, this means that this site has answered the pool's question.

    Attributes:
        user: without a constraint in the database, so that the table of users stays as it is.
    """

    class Way(models.TextChoices):
        SIGN_IN = "sign-in", _("at sign-in")
        FORGOTTEN_PASSWORD = "forgotten-password", _("with a forgotten password")
        IMPORT = "import", _("imported")

    objects: Any

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        db_constraint=False,
        related_name="+",
    )
    way = models.CharField(max_length=20, choices=Way.choices)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.pk}: {self.way}"


class Failure(models.Model):
    """How often a question was answered with no, for one reason and one user.

    Attributes:
        key: a digest of user and reason.
        user: None if it is not known which user it was.
        reason: one of `migration.reasons`.
    """

    objects: Any

    key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        db_constraint=False,
        related_name="+",
    )
    reason = models.CharField(max_length=100)
    count = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.reason}: {self.count}"


class Switch(models.Model):
    """What operators decide, and what the page shows: one row, whose key is 1.

    Attributes:
        is_off: whether the endpoint answers no question.
        until: its last day, in UTC. It counts if it is before `UNTIL` of the setting.
        figures: the numbers of the page, by their names. Empty if nothing was counted yet.
    """

    objects: Any

    is_off = models.BooleanField(default=False)
    until = models.DateField(null=True)
    figures = models.JSONField(default=dict)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("migration of users")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
