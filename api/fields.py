"""Fields that take what they say and nothing that could be turned into it."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

# Rules that a client can read in the OpenAPI document, as all that refuse a value here.
_BREAK = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
one_line = RegexValidator(
    rf"^[^ {_BREAK}]([^{_BREAK}]*[^ {_BREAK}])?\Z",
    message="This must be one line of text that neither begins nor ends with a space.",
)


class Text(serializers.CharField):
    """A JSON string, exactly as it was sent. A plain CharField makes `"1"` of the number 1."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False} | options)

    def to_internal_value(self, data: object) -> str:
        """Raises ValidationError for anything but a string."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)
