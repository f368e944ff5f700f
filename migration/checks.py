"""System checks, so that `manage.py check` finds a wrong configuration before a user does."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core import checks
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.utils import timezone

from migration.conf import NAME, configuration


def check_configuration(**_: Any) -> list[checks.CheckMessage]:
    try:
        configured = configuration()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="gatehouse_migration.E001")]
    model = get_user_model()
    field = configured.login_field or model.get_email_field_name()
    try:
        model._meta.get_field(field)
    except FieldDoesNotExist:
        return [
            checks.Error(
                f"The user model has no field {field!r}.",
                hint=f'Set {NAME}["LOGIN_FIELD"] to the field with the e-mail address.',
                id="gatehouse_migration.E002",
            )
        ]
    if configured.until <= timezone.now():
        return [
            checks.Warning(
                f'{NAME}["UNTIL"] has passed, so no user can come along any more.',
                hint="Remove the application, or set a later date.",
                id="gatehouse_migration.W001",
            )
        ]
    return []
