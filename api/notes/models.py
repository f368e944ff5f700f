"""A note and whose it is."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from cognito.tokens.claims import Claims

TITLE_CHARACTERS = 200
BODY_CHARACTERS = 10_000


class NoteQuerySet(models.QuerySet["Note"]):
    def owned_by(self, claims: Claims) -> NoteQuerySet:
        """The notes of a token's bearer. Every look-up of a request begins here."""
        return self.filter(owner_issuer=claims.issuer, owner_sub=claims.sub)


class Note(models.Model):
    """A title and some text.

    The owner is the (issuer, sub) of a token, not a row of a user table: the API knows people who
    never signed in with a browser, and machine clients, whose sub is their client id.
    """

    # Random: ids in a row would tell how many notes there are, and invite to try the next.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_issuer = models.CharField(max_length=255, editable=False)
    owner_sub = models.CharField(max_length=255, editable=False)
    title = models.CharField(max_length=TITLE_CHARACTERS)
    body = models.TextField(max_length=BODY_CHARACTERS, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            # Serves the look-up of an owner's notes in the order in which pages give them.
            models.Index(
                fields=["owner_issuer", "owner_sub", "-created_at", "-id"], name="notes_note_owner"
            )
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"


def delete_notes_of(*, issuer: str, sub: str, **_: object) -> None:
    """What `accounts.sign_out.forget_user.forgotten` asks for."""
    Note.objects.filter(owner_issuer=issuer, owner_sub=sub).delete()
