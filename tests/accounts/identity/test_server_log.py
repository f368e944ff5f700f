from __future__ import annotations

import logging

import pytest
from django.test import override_settings

from accounts.identity.server_log import WithoutCodes, keep_codes_out


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "GET /signin/accounts/callback/?code=abc1234&state=def5678 HTTP/1.1",
            "GET /signin/accounts/callback/ HTTP/1.1",
        ),
        ("GET /shop/?page=2 HTTP/1.1", "GET /shop/?page=2 HTTP/1.1"),
    ],
)
@override_settings(GATEHOUSE_PREFIX="/signin/")
def test_codes_are_left_out_of_the_line_of_a_callback(line: str, expected: str) -> None:
    record = logging.LogRecord(
        "django.server", logging.INFO, "", 0, '"%s" %s %s', (line, "302", "0"), None
    )
    assert WithoutCodes().filter(record)
    assert record.getMessage() == f'"{expected}" 302 0'


def test_filter_is_added_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("django.server"), "filters", [])
    keep_codes_out()
    keep_codes_out()
    assert len(logging.getLogger("django.server").filters) == 1
