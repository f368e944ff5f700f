"""Rules of the fields of requests."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.validators import RegexValidator
from rest_framework import serializers

import api.urls  # noqa: F401 - defines all serializers
from accounts.label_rules import visible


def test_document_states_which_characters_a_text_may_have() -> None:
    """Otherwise a client that follows the OpenAPI document is refused."""
    fields = [field for one in all_serializers() for field in one().fields.values()]
    texts = [field for field in fields if visible in field.validators]
    assert len(texts) > 3
    for field in texts:
        has_pattern = any(isinstance(one, RegexValidator) for one in field.validators)
        assert has_pattern or isinstance(field, serializers.EmailField), repr(field)


def all_serializers() -> Iterator[type[serializers.Serializer[object]]]:
    remaining: list[type[serializers.Serializer[object]]] = [serializers.Serializer]
    while remaining:
        for one in remaining.pop().__subclasses__():
            remaining.append(one)
            if one.__module__.startswith("api.") and not one.__name__.startswith("_"):
                yield one
