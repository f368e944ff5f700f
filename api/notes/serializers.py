"""Notes as JSON."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from rest_framework import serializers

from api.fields import Text
from api.notes.models import BODY_CHARACTERS, TITLE_CHARACTERS, Note
from api.strict_members import StrictMembers

# Rules that a client can read in the OpenAPI document, as everything here that refuses a value.
_BREAK = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
one_line = RegexValidator(
    rf"^[^ {_BREAK}]([^{_BREAK}]*[^ {_BREAK}])?\Z",
    message="This must be one line of text that neither begins nor ends with a space.",
)


class NoteSerializer(StrictMembers, serializers.ModelSerializer[Note]):
    """The owner is nowhere in it: whose a note is follows from the token alone."""

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
    """Query parameters that choose among the notes of the caller."""

    search = Text(
        required=False,
        allow_blank=True,
        max_length=TITLE_CHARACTERS,
        help_text="Notes with this text in title or body, in any case.",
    )
    updated_since = serializers.DateTimeField(
        required=False, help_text="Notes changed at that time or later (RFC 3339)."
    )
