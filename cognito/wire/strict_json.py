"""A strict parser of JSON objects (RFC 8259, RFC 7493).

If two parsers read a text differently, a token can mean one thing to its issuer and another thing
here. This parser therefore refuses everything that I-JSON forbids: duplicate members, NaN and
Infinity, numbers too large for a float, unpaired surrogates, byte order marks, and encodings other
than UTF-8.
"""

from __future__ import annotations

import json
import math
from itertools import chain
from typing import Any

import orjson

# Cognito's deepest claim is a list of objects (`identities` of a federated user), at 4 levels.
# Twice that leaves room, and recursive code that handles claims stays far from Python's limit.
MAX_DEPTH = 8
_WHITESPACE = " \t\n\r"


class NotStrictJSON(ValueError):
    """The text is not a JSON object, or parsers could read it in more than one way."""


def parse_object(text: bytes) -> dict[str, Any]:
    """Return the JSON object in `text`, in time linear in its length. Raises NotStrictJSON."""
    value = _parse_usual(text)
    return parse_strictly(text) if value is None else value


def _parse_usual(text: bytes) -> dict[str, Any] | None:
    """Return the JSON object in `text` if it is as Cognito writes tokens, otherwise None.

    orjson takes a quarter of the time of a strict parser, but accepts duplicate members. Its result
    counts only if `text` is exactly how orjson writes it: that has no duplicate, and no number,
    escape or space that could be read in another way.
    """
    try:
        value = orjson.loads(text)
    except ValueError:
        return None
    if (
        value.__class__ is not dict
        # This comes first, because orjson does not write objects of several hundred levels. Usual
        # tokens have fewer brackets, and need no walk through all values.
        or (text.count(b"{") + text.count(b"[") > MAX_DEPTH and _is_deep(value))
        or orjson.dumps(value) != text
    ):
        return None
    return value


def parse_strictly(text: bytes) -> dict[str, Any]:
    """Do the same as `parse_object`, without orjson."""
    try:
        characters = text.decode().strip(_WHITESPACE)
        value, end = _DECODER.raw_decode(characters)
    except NotStrictJSON:
        raise
    except (ValueError, RecursionError):
        # No `from e`: the cause holds the whole text.
        raise NotStrictJSON("not strict JSON") from None
    if end != len(characters) or not isinstance(value, dict):
        raise NotStrictJSON("not a JSON object")
    if _is_deep(value):
        raise NotStrictJSON("nested too deeply")
    # Only an escape can produce an unpaired surrogate: UTF-8 cannot encode one.
    if "\\" in characters and not _is_unicode(value):
        raise NotStrictJSON("not Unicode")
    return value


def _members_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        raise NotStrictJSON("duplicate member")
    return value


def _finite_number(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise NotStrictJSON("number too large")
    return value


def _no_constant(name: str) -> None:
    raise NotStrictJSON(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members_once,
    parse_int=int,  # Python refuses more than 4,300 digits.
    parse_float=_finite_number,
    parse_constant=_no_constant,
    strict=True,
)
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = list(chain.from_iterable(_children(one) for one in level))
        if not level:
            return False
    return any(isinstance(one, dict | list) for one in level)


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _is_unicode(value: Any) -> bool:
    try:
        _ENCODER.encode(value).encode()
    except UnicodeEncodeError:
        return False
    return True
