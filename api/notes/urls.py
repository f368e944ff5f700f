"""Paths of notes, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from api.notes.views import NotesView, NoteView

urlpatterns = [
    path("notes", NotesView.as_view(), name="notes"),
    path("notes/<uuid:pk>", NoteView.as_view(), name="note"),
]
