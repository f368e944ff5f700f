"""The one kind of body that the API takes: a JSON object in UTF-8, strictly read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from cognito.wire.strict_json import NotStrictJSON, parse_object

# The longest body that an endpoint of ours needs is a note of 10,000 characters, each escaped.
MAX_BODY_BYTES = 65_536


class StrictJSONParser(BaseParser):
    """Refuses what another reader could understand differently, or could not bear (RFC 8259)."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The members of the object in the body.

        Raises ParseError (400) or RequestDataTooBig (413). Another charset than UTF-8 does not get
        this far: `api.wire.middleware` refuses it.
        """
        body: bytes = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise RequestDataTooBig
        try:
            return parse_object(body)
        except NotStrictJSON as error:
            raise ParseError(
                f"The body must be one JSON object in UTF-8, strictly written: this is {error}."
            ) from error
