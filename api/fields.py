"""Fields that take what they say and nothing that could be turned into it."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.fields import empty

from accounts.label_rules import person_name, visible

# Rules that a client can read in the OpenAPI document, as all that refuse a value here.
_BREAK = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
one_line = RegexValidator(
    rf"^[^ {_BREAK}]([^{_BREAK}]*[^ {_BREAK}])?\Z",
    message="This must be one line of text that neither begins nor ends with a space.",
)


class Text(serializers.CharField):
    """A JSON string of at most `max_length` characters, exactly as it was sent.

    A plain CharField makes `"1"` of the number 1, and measures the text after it has trimmed it and
    after all other rules have read it.
    """

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "max_length": max_length} | options)

    def run_validation(self, data: Any = empty) -> Any:
        """Raises ValidationError for a text that is too long, before anything else reads it."""
        if isinstance(data, str) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().run_validation(data)

    def to_internal_value(self, data: object) -> str:
        """Raises ValidationError for anything but a string."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class PersonName(Text):
    """The name of a user, which no other user's can be mistaken for."""

    default_validators = (person_name, visible)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 255} | options)
