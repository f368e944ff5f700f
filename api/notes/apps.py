"""The configuration of notes. They are a Django application because they have a table."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotesConfig(AppConfig):
    name = "api.notes"
    label = "notes"
    verbose_name = _("Notes")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.own_account.own_data import collected  # noqa: PLC0415 # models must load first
        from accounts.sign_out.forget_user import forgotten  # noqa: PLC0415 # as above
        from api.notes.models import delete_notes_of, notes_of  # noqa: PLC0415 # as above

        collected.connect(notes_of, dispatch_uid="notes")
        forgotten.connect(delete_notes_of, dispatch_uid="notes")
