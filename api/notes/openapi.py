"""The operations of notes in the OpenAPI document."""

from __future__ import annotations

from typing import Final

from api.notes.serializers import NoteSerializer
from api.notes.views import NotesView, NoteView
from api.operation import Operation, Operations

TAG: Final = "Notes"

NOTE: Final = {
    "id": "6b1f0c1e-6c0e-4a53-9f0c-0f3b6b2f8d11",
    "title": "Tea",
    "body": "two bags",
    "created_at": "2026-11-21T06:00:00Z",
    "updated_at": "2026-11-21T06:00:00Z",
}

OPERATIONS: Final[Operations] = {
    NotesView: {
        "get": Operation(
            id="listNotes",
            summary="List your notes",
            description="Returns your notes in pages, newest first.",
            tag=TAG,
            gives={200: NoteSerializer(many=True)},
            answered=NOTE,
        ),
        "post": Operation(
            id="createNote",
            summary="Create a note",
            description="The `Location` header of the answer is the address of the note.",
            tag=TAG,
            takes=NoteSerializer,
            gives={201: NoteSerializer},
            errors=frozenset({409, 429}),
            headers={"Location": "The address of the note."},
            sent={"title": "Tea", "body": "two bags"},
            answered=NOTE,
        ),
    },
    NoteView: {
        "get": Operation(
            id="getNote",
            summary="Get a note",
            description="A note of another user gets the same 404 as one that does not exist.",
            tag=TAG,
            gives={200: NoteSerializer},
            answered=NOTE,
        ),
        "patch": Operation(
            id="updateNote",
            summary="Change a note",
            description="Changes only the members of the request.",
            tag=TAG,
            takes=NoteSerializer,
            gives={200: NoteSerializer},
            errors=frozenset({429}),
            sent={"body": "three bags"},
            answered=NOTE | {"body": "three bags", "updated_at": "2026-11-21T06:05:00Z"},
        ),
        "delete": Operation(
            id="deleteNote",
            summary="Delete a note",
            description="This cannot be undone.",
            tag=TAG,
            gives={204: None},
            errors=frozenset({429}),
        ),
    },
}
