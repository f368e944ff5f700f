"""Serializers that refuse what they do not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.serializers import BaseSerializer, ValidationError

# Enough to find a mistake with. A body of 64 KB can have thousands.
MAX_NAMED = 20
MAX_NAME_CHARACTERS = 64


def named(unverified_name: str) -> str:
    """A name that the caller sent, short enough for an error."""
    if len(unverified_name) <= MAX_NAME_CHARACTERS:
        return unverified_name
    return f"{unverified_name[:MAX_NAME_CHARACTERS]}…"


class StrictMembers(BaseSerializer[Any]):
    """Mix in before a serializer class: a member that is not to be written is an error of its own.

    Left alone, a serializer drops such members without a word, and a misspelt `tilte` looks saved.
    """

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError that names the unknown or read-only members, up to MAX_NAMED."""
        if isinstance(data, Mapping):
            fields: Mapping[str, Any] = getattr(self, "fields", {})
            writable = {name for name, field in fields.items() if not field.read_only}
            if refused := sorted(set(data) - writable):
                raise ValidationError(
                    {named(name): ["This cannot be set."] for name in refused[:MAX_NAMED]}
                )
        return super().to_internal_value(data)
