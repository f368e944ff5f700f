"""The parser of request bodies, which must be strict JSON objects in UTF-8."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from cognito.wire.strict_json import NotStrictJSON, parse_object

# The longest valid body is a note of 10,000 characters, each of them escaped.
MAX_BODY_BYTES = 65_536


class StrictJSONParser(BaseParser):
    """Refuses JSON that parsers read in different ways, and JSON that is nested too deeply."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the members of the object in the body.

        `api.wire.middleware` has already refused charsets other than UTF-8.

        Raises:
            ParseError: the body is not a strict JSON object (400).
            RequestDataTooBig: the body is longer than MAX_BODY_BYTES (413).
        """
        body: bytes = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise RequestDataTooBig
        try:
            return parse_object(body)
        except NotStrictJSON as error:
            raise ParseError(
                f"The body is invalid: {error}. Send one strict JSON object in UTF-8."
            ) from error
