"""Bearer tokens that are refused although Cognito's signature on them is still good."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Revocation(models.Model):
    """One sign-in of a user, or without `origin_jti` all sign-ins of the user up to a moment.

    There is one row for each of them, however often it is revoked. A row that is revoked again gets
    a new primary key, because every process asks every few seconds for the rows with a greater key
    than those it has (accounts.sign_out.revocation_list). So write rows with the functions of that
    module only.
    """

    issuer = models.CharField(max_length=255)
    # All tokens of one sign-in carry the same one, refreshed ones included.
    origin_jti = models.CharField(max_length=255, blank=True)
    sub = models.CharField(max_length=255, blank=True)
    # Sign-ins at or before this moment are over.
    signed_in_until = models.DateTimeField()
    # For operators to read. Clocks are put back, so that nothing is decided by it.
    created_at = models.DateTimeField(db_default=Now(), db_index=True, editable=False)
    # From then on no token is left that it could refuse.
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(origin_jti="", sub=""), name="accounts_revocation_has_target"
            ),
            models.UniqueConstraint(
                fields=["issuer", "sub"],
                condition=models.Q(origin_jti=""),
                name="accounts_revocation_of_user",
            ),
            models.UniqueConstraint(
                fields=["issuer", "origin_jti"],
                condition=~models.Q(origin_jti=""),
                name="accounts_revocation_of_sign_in",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["issuer", "sub"],
                condition=~models.Q(origin_jti=""),
                name="accounts_revocation_sign_ins",
            )
        ]

    def __str__(self) -> str:
        return f"sign-in {self.origin_jti}" if self.origin_jti else f"every sign-in of {self.sub}"
