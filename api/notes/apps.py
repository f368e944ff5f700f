"""The notes application: a Django application of its own, for it has a table."""

from __future__ import annotations

from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "api.notes"
    label = "notes"
