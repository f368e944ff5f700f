"""What is removed from a report, and what stays."""

from __future__ import annotations

import json
import time

import pytest

from project.reports.scrub import REMOVED, scrubbed_event, scrubbed_text

JWT = "eyJraWQiOiJhIn0.eyJzdWIiOiJiIn0.c2lnbmF0dXJl"
REFRESH = "eyJjdHkiOiJKV1QifQ.a-b_c.d.e.f"
SUB = "5c1d2e3f-1111-4222-8333-444455556666"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"the token {JWT} is invalid", JWT),
        (f"refresh with {REFRESH}", REFRESH),
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("Basic dXNlcjpwYXNz is refused", "dXNlcjpwYXNz"),
        ("ada.lovelace+x@mail.example.com already exists", "ada.lovelace"),
        ("Key (email)=(ada@example.com) already exists.", "ada@example.com"),
        ("GET /accounts/callback/?code=4f2a&state=xyz failed", "4f2a"),
        ("password='correct horse battery'", "correct horse"),
        ('{"new_password": "correct horse"}', "correct horse"),
        ("client_secret: s3cr3t-value", "s3cr3t-value"),
        ("Cookie=__Host-session", "__Host-session"),
        (f"the user {SUB}", SUB),
        ("the code 123456 is wrong", "123456"),
        ("sent to +49151234567", "49151234567"),
        ("postgres://app:hunter2@db.internal/x", "hunter2"),
        ("/api/v1/operators/users/ada/disable", "ada"),
    ],
)
def test_secret_is_removed_from_a_text(text: str, secret: str) -> None:
    scrubbed = scrubbed_text(text)
    assert secret not in scrubbed
    assert REMOVED in scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "division by zero",
        "accounts.sessions.renewal in line 123",
        "relation accounts_user does not exist",
        "4f0c6f9e5d1b4f7c8a53f2d2a1c9b7e0",
        "The database did not answer within the request's time.",
    ],
)
def test_text_without_a_secret_stays(text: str) -> None:
    assert scrubbed_text(text) == text


def test_request_keeps_what_explains_an_error() -> None:
    event = scrubbed_event(
        {
            "event_id": "4f0c6f9e5d1b4f7c8a53f2d2a1c9b7e0",
            "user": {"id": 7, "email": "ada@example.com", "ip_address": "203.0.113.9"},
            "request": {
                "method": "POST",
                "url": "https://app.example.com/api/v1/notes?cursor=abc",
                "query_string": "cursor=abc",
                "data": {"text": "private"},
                "cookies": {"session": "abc"},
                "env": {"REMOTE_ADDR": "203.0.113.9"},
                "headers": {
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {JWT}",
                    "X-Forwarded-For": "203.0.113.9",
                    "Cookie": "a=b",
                },
            },
            "extra": {"refresh_token": "x", "deep": [{"otp": "1", "count": 3}], "raw": b"x"},
        }
    )
    assert event == {
        "event_id": "4f0c6f9e5d1b4f7c8a53f2d2a1c9b7e0",
        "request": {
            "method": "POST",
            "url": "https://app.example.com/api/v1/notes",
            "headers": {"Content-Type": "application/json"},
        },
        "extra": {
            "refresh_token": REMOVED,
            "deep": [{"otp": REMOVED, "count": 3}],
            "raw": REMOVED,
        },
    }


def test_depth_and_length_are_bounded() -> None:
    nested: object = "x"
    for _ in range(200):
        nested = [nested]
    assert len(json.dumps(scrubbed_event({"extra": nested}))) < 500
    assert len(scrubbed_text("a" * 1_000_000)) <= 20_000


@pytest.mark.parametrize("part", ["a-", "eyJ", "eyJ.", "code", "code='", "a@", "a://", "+1", "?"])
def test_long_texts_of_callers_take_little_time(part: str) -> None:
    """A pattern that takes quadratic time needs seconds for one of these."""
    began = time.process_time()
    scrubbed_text(part * 20_000)
    assert time.process_time() - began < 0.5
