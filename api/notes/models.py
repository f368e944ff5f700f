"""The table of notes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from api.principals import Principal

TITLE_CHARACTERS = 200
BODY_CHARACTERS = 10_000


class NoteQuerySet(models.QuerySet["Note"]):
    def owned_by(self, principal: Principal) -> NoteQuerySet:
        """Return the notes of a principal. Begin every query for a request with this."""
        return self.filter(owner_issuer=principal.issuer, owner_sub=principal.sub)


class Note(models.Model):
    """A title and a text.

    The owner is the (issuer, sub) of a principal, not a row of the user table, because users who
    never signed in with a browser have no row. The sub of a machine client is its client id.
    """

    # Random, because sequential ids would reveal the number of notes, and could be guessed.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_issuer = models.CharField(
        verbose_name=_("issuer of the owner"), max_length=255, editable=False
    )
    owner_sub = models.CharField(verbose_name=_("sub of the owner"), max_length=255, editable=False)
    title = models.CharField(verbose_name=_("title"), max_length=TITLE_CHARACTERS)
    body = models.TextField(verbose_name=_("text"), max_length=BODY_CHARACTERS, blank=True)
    created_at = models.DateTimeField(verbose_name=_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(verbose_name=_("updated at"), auto_now=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes: ClassVar = [
            # Serves the list of an owner's notes, in the order of its pages.
            models.Index(
                fields=["owner_issuer", "owner_sub", "-created_at", "-id"], name="notes_note_owner"
            )
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"


def delete_notes_of(*, issuer: str, sub: str, **_: object) -> None:
    """Delete the notes of a deleted user, on the signal accounts.sign_out.forget_user.forgotten."""
    Note.objects.filter(owner_issuer=issuer, owner_sub=sub).delete()


def notes_of(*, issuer: str, sub: str, **_: object) -> tuple[str, Iterator[dict[str, Any]]]:
    """Return the notes for the file with the user's data, on own_data.collected."""
    notes = Note.objects.filter(owner_issuer=issuer, owner_sub=sub).order_by("-created_at", "-id")
    return "notes", (_exported(note) for note in notes.iterator(100))


def _exported(note: Note) -> dict[str, Any]:
    return {
        "id": str(note.pk),
        "title": note.title,
        "body": note.body,
        "created_at": f"{note.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "updated_at": f"{note.updated_at:%Y-%m-%dT%H:%M:%SZ}",
    }
