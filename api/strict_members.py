"""Serializers that refuse unknown members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.serializers import BaseSerializer, ValidationError

# A body of 64 KB can have thousands of members. These are enough to find the mistake.
MAX_NAMED = 20
MAX_NAME_CHARACTERS = 64


def named(unverified_name: str) -> str:
    """Return a name that the caller sent, shortened for an error message."""
    if len(unverified_name) <= MAX_NAME_CHARACTERS:
        return unverified_name
    return f"{unverified_name[:MAX_NAME_CHARACTERS]}…"


class StrictMembers(BaseSerializer[Any]):
    """A mixin that refuses unknown and read-only members. Put it before the serializer class.

    Without it, a serializer ignores such members, and a misspelt `tilte` looks saved.
    """

    def to_internal_value(self, data: Any) -> Any:
        """Raise ValidationError that names up to MAX_NAMED unknown or read-only members."""
        if isinstance(data, Mapping):
            fields: Mapping[str, Any] = getattr(self, "fields", {})
            writable = {name for name, field in fields.items() if not field.read_only}
            if refused := sorted(set(data) - writable):
                message = "This cannot be set. Remove it."
                raise ValidationError({named(name): [message] for name in refused[:MAX_NAMED]})
        return super().to_internal_value(data)
