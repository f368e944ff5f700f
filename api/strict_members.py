"""Serializers that refuse what they do not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.serializers import BaseSerializer, ValidationError


class StrictMembers(BaseSerializer[Any]):
    """Mix in before a serializer class: a member that is not to be written is an error of its own.

    Left alone, a serializer drops such members without a word, and a misspelt `tilte` looks saved.
    """

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError that names every unknown or read-only member."""
        if isinstance(data, Mapping):
            fields: Mapping[str, Any] = getattr(self, "fields", {})
            writable = {name for name, field in fields.items() if not field.read_only}
            if refused := sorted(set(data) - writable):
                raise ValidationError({name: ["This cannot be set."] for name in refused})
        return super().to_internal_value(data)
