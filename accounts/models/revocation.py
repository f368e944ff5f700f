"""Bearer tokens that are refused before they expire."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy


class Revocation(models.Model):
    """A revoked sign-in or, without `origin_jti`, all sign-ins of a user up to a moment.

    The `sub` "*" stands for all users.

    Each has one row, however often it is revoked. A repeated revocation gives the row a new primary
    key, because every process reads the rows with a higher key than those it has, every few seconds
    (`accounts.process.revocation_list`). Write rows only with `accounts.sign_out.revocations`.
    """

    issuer = models.CharField(verbose_name=gettext_lazy("issuer"), max_length=255)
    # All tokens of one sign-in share it, including refreshed ones.
    origin_jti = models.CharField(max_length=255, blank=True)
    sub = models.CharField(max_length=255, blank=True)
    # Sign-ins at or before this moment are revoked.
    signed_in_until = models.DateTimeField(verbose_name=gettext_lazy("signed in until"))
    # Only for operators to read: a clock can be set back, so no decision uses it.
    created_at = models.DateTimeField(
        verbose_name=gettext_lazy("created at"), db_default=Now(), db_index=True, editable=False
    )
    # All tokens that the row refuses have expired by then.
    expires_at = models.DateTimeField(verbose_name=gettext_lazy("expires at"), db_index=True)

    class Meta:
        verbose_name = gettext_lazy("revocation")
        verbose_name_plural = gettext_lazy("revocations")
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
        if self.origin_jti:
            return f"sign-in {self.origin_jti}"
        return "every sign-in" if self.sub == "*" else f"every sign-in of {self.sub}"
