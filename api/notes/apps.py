"""The notes application: a Django application of its own, for it has a table."""

from __future__ import annotations

from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "api.notes"
    label = "notes"

    def ready(self) -> None:
        from accounts.sign_out.forget_user import forgotten  # noqa: PLC0415 # models load before
        from api.notes.models import delete_notes_of  # noqa: PLC0415 # as above

        forgotten.connect(delete_notes_of, dispatch_uid="notes")
