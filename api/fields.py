"""Serializer fields that do not coerce types."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.fields import empty

from accounts.label_rules import person_name, visible

# A pattern, so that clients can read the rule in the OpenAPI document.
_BREAK = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
one_line = RegexValidator(
    rf"^[^ {_BREAK}]([^{_BREAK}]*[^ {_BREAK}])?\Z",
    message="Write one line of text that neither begins nor ends with a space.",
)


class Text(serializers.CharField):
    """A JSON string of at most `max_length` characters, unchanged.

    DRF's CharField would convert the number 1 to `"1"`, and check the length only after it has
    trimmed the text and run all other validators on it.
    """

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "max_length": max_length} | options)

    def run_validation(self, data: Any = empty) -> Any:
        """Raise ValidationError for a text that is too long, before other validators read it."""
        if isinstance(data, str) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().run_validation(data)

    def to_internal_value(self, data: object) -> str:
        """Raise ValidationError unless `data` is a string."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class PersonName(Text):
    """The name of a user, without characters that make it look like another name."""

    default_validators = (person_name, visible)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 255} | options)
