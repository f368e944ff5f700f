"""The one kind of body that the API takes: a JSON object in UTF-8, strictly read."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

# The longest body an endpoint of ours needs is a note of 10,000 characters, escaped.
MAX_BODY_BYTES = 65_536
MAX_DEPTH = 32

STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
BRACKETS = {"[": 1, "{": 1, "]": -1, "}": -1}
SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class StrictJSONParser(BaseParser):
    """Refuses what another reader could understand differently, or could not bear (RFC 8259).

    Raises ParseError (400), UnsupportedMediaType (415, another charset) or RequestDataTooBig (413).
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 - DRF passes it
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The members of the object in the body."""
        request: Request = (parser_context or {})["request"]
        _demand_utf8(request)
        body: bytes = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise RequestDataTooBig
        return strict_object(body)


def strict_object(body: bytes) -> dict[str, Any]:
    """The JSON object that `body` is. Raises ParseError.

    Refused: anything but UTF-8, a byte order mark, a member given twice, NaN and infinities (also
    as a number that overflows), numbers of thousands of digits, lone surrogates, deep nesting.
    """
    try:
        text = body.decode("utf-8", errors="strict")
        _demand_shallow(text)
        value = json.loads(
            text,
            object_pairs_hook=_distinct_members,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        if SURROGATE_ESCAPE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8", errors="strict")
    except ValueError as error:
        raise ParseError("The body is not one strictly valid JSON text in UTF-8.") from error
    if not isinstance(value, dict):
        raise ParseError("The body must be a JSON object.")
    return value


def _demand_utf8(request: Request) -> None:
    charset = request.content_params.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(request.content_type)


def _demand_shallow(text: str) -> None:
    # The decoder's own limit is the interpreter's stack, which depends on who called it.
    depth = 0
    for bracket in STRING_OR_BRACKET.findall(text):
        depth += BRACKETS.get(bracket, 0)
        if depth > MAX_DEPTH:
            raise ParseError("The body is nested too deeply.")


def _distinct_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ParseError("The body gives a member twice.")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("out of range")
    return number
