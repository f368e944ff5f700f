"""The header `traceparent`: https://www.w3.org/TR/trace-context/#traceparent-header"""

from __future__ import annotations

import pytest

from project.traces.traceparent import TraceParent, parse

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GOOD = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize(
    ("header", "is_sampled"),
    [
        (GOOD, True),
        (f"00-{TRACE}-{SPAN}-00", False),
        # Only the lowest bit is defined in version 00.
        (f"00-{TRACE}-{SPAN}-ff", True),
        (f"00-{TRACE}-{SPAN}-fe", False),
        # Later versions may add fields.
        (f"01-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like", True),
    ],
)
def test_valid_header_names_the_span_of_the_caller(header: str, is_sampled: bool) -> None:
    assert parse(header) == TraceParent(int(TRACE, 16), int(SPAN, 16), is_sampled)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "garbage",
        GOOD[:-1],
        GOOD + "0",
        GOOD + "-",
        GOOD + "-more",
        f" {GOOD}",
        f"{GOOD} ",
        f"{GOOD}\n",
        f"{GOOD},{GOOD}",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-0g",
        f"cc-{TRACE}-{SPAN}-01.what",
        f"cc-{TRACE}-{SPAN}-01-{'x' * 300}",
        f"00-{TRACE[:-1]}\u0663-{SPAN}-01",
        "0" * 100_000,
    ],
    ids=range(19),
)
def test_invalid_header_is_ignored(header: str) -> None:
    assert parse(header) is None
