"""Bearer tokens that are refused although Cognito's signature on them is still good."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Revocation(models.Model):
    """Either one sign-in (`origin_jti`), or all sign-ins of one user up to a moment (`sub`).

    Every process pulls these rows into memory every few seconds (accounts.revocations).
    """

    issuer = models.CharField(max_length=255)
    # All tokens of one sign-in carry the same one, refreshed ones included.
    origin_jti = models.CharField(max_length=255, blank=True)
    sub = models.CharField(max_length=255, blank=True)
    # Sign-ins at or before this moment are over.
    signed_in_until = models.DateTimeField()
    # The database's clock, for it is compared with the database's clock.
    created_at = models.DateTimeField(db_default=Now(), db_index=True, editable=False)
    # From then on no token is left that it could refuse.
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(origin_jti="") ^ models.Q(sub=""),
                name="accounts_revocation_one_target",
            )
        ]

    def __str__(self) -> str:
        return f"sign-in {self.origin_jti}" if self.origin_jti else f"every sign-in of {self.sub}"
