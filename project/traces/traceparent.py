"""The header `traceparent` of a request (W3C Trace Context, level 1).

https://www.w3.org/TR/trace-context/#traceparent-header
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# A later version may add fields. No client that we know sends more characters than this.
_MAX_CHARACTERS: Final = 256
_FIELDS: Final = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
    r"(?P<rest>-[\x21-\x7e]*)?",
    re.ASCII,
)
_SAMPLED: Final = 0x01


@dataclass(frozen=True, slots=True)
class TraceParent:
    """The span of a caller, which a span of this application can have as its parent."""

    trace_id: int
    span_id: int
    is_sampled: bool


def parse(unverified_header: str) -> TraceParent | None:
    """Return the caller's span, or None for a header that the specification tells us to ignore."""
    if len(unverified_header) > _MAX_CHARACTERS:
        return None
    found = _FIELDS.fullmatch(unverified_header)
    # Version 00 has exactly four fields, and ff is not a version.
    if found is None or found["version"] == "ff" or (found["version"] == "00" and found["rest"]):
        return None
    trace_id, span_id = int(found["trace"], 16), int(found["span"], 16)
    if not (trace_id and span_id):
        return None
    return TraceParent(trace_id, span_id, bool(int(found["flags"], 16) & _SAMPLED))
