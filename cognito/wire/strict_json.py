"""JSON objects, read in the one way that leaves nothing to interpretation (RFC 8259, RFC 7493).

Where two parsers understand a text differently, a token can mean one thing to whoever issued it and
another here. So whatever I-JSON leaves out is refused: members given twice, NaN and Infinity,
numbers too great to hold, halves of surrogate pairs, byte order marks, encodings other than UTF-8.
"""

from __future__ import annotations

import json
import math
from itertools import chain
from typing import Any

# A claim may be a list of objects (`identities` of a federated user): 4 levels. Twice that is
# plenty, and far from where recursion in whoever handles the claims would end.
MAX_DEPTH = 8
_WHITESPACE = " \t\n\r"


class NotStrictJSON(ValueError):
    """The text is not a JSON object, or one that could be understood in more than one way."""


def parse_object(text: bytes) -> dict[str, Any]:
    """The JSON object in `text`, UTF-8. Raises NotStrictJSON; takes time linear in its length."""
    try:
        characters = text.decode("utf-8", "strict").strip(_WHITESPACE)
        value, end = _DECODER.raw_decode(characters)
    except (ValueError, RecursionError):
        # Without its cause, which holds the whole text.
        raise NotStrictJSON("not strict JSON") from None
    if end != len(characters) or not isinstance(value, dict):
        raise NotStrictJSON("not a JSON object")
    # Most tokens have one list, and nothing in it that nests.
    inner_list = characters.find("[", characters.find("[") + 1)
    if (inner_list >= 0 or characters.find("{", 1) >= 0) and _is_deep(value):
        raise NotStrictJSON("nested too deep")
    # Only an escape can bring half of a surrogate pair: UTF-8 has no form for it.
    if "\\" in characters and not _is_unicode(value):
        raise NotStrictJSON("not Unicode")
    return value


def _members_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        raise NotStrictJSON("a member is given twice")
    return value


def _finite_number(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise NotStrictJSON("a number is too great")
    return value


def _no_constant(name: str) -> None:
    raise NotStrictJSON(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members_once,
    parse_int=int,  # which refuses more than 4,300 digits
    parse_float=_finite_number,
    parse_constant=_no_constant,
    strict=True,
)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = list(chain.from_iterable(_children(one) for one in level))
    return any(isinstance(one, dict | list) for one in level)


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _is_unicode(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8", "strict")
    except UnicodeEncodeError:
        return False
    return True
