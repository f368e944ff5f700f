"""The JSON form of notes, and the filters of their list."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from api.fields import Text, one_line
from api.notes.models import BODY_CHARACTERS, TITLE_CHARACTERS, Note
from api.strict_members import StrictMembers


class NoteSerializer(StrictMembers, serializers.ModelSerializer[Note]):
    """A note. It has no member for its owner, which the token alone determines."""

    title = Text(max_length=TITLE_CHARACTERS, validators=[one_line])
    body = Text(
        max_length=BODY_CHARACTERS,
        allow_blank=True,
        required=False,
    )

    class Meta:
        model = Note
        fields = ("id", "title", "body", "created_at", "updated_at")
        read_only_fields: ClassVar = ("id", "created_at", "updated_at")


class NoteFilter(serializers.Serializer[dict[str, Any]]):
    """Query parameters that filter the notes of the caller."""

    search = Text(
        required=False,
        allow_blank=True,
        max_length=TITLE_CHARACTERS,
        help_text="Only notes with this text in title or body. Case is ignored.",
    )
    updated_since = serializers.DateTimeField(
        required=False, help_text="Only notes changed at this time or later (RFC 3339)."
    )
