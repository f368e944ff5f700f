"""The examples of `operators/…` in the OpenAPI document."""

from __future__ import annotations

from typing import Final

from accounts.console.directory.actions import Argument

SUB: Final = "35319903-d9f5-4ba9-9cc9-04cbe1af2978"
USER: Final = {
    "username": SUB,
    "sub": SUB,
    "email": "ada@example.com",
    "email_verified": True,
    "name": "Ada Lovelace",
    "phone_number": "",
    "status": "CONFIRMED",
    "enabled": True,
    "created_at": "2026-11-21T06:00:00Z",
    "changed_at": "2026-11-21T06:05:00Z",
}
USERS: Final = {"results": [USER], "next_cursor": None}
GROUP: Final = {"name": "readers", "description": "May read", "precedence": None}
EVENT: Final = {
    "id": 4711,
    "at": "2026-11-21T06:05:00Z",
    "action": "add_to_group",
    "outcome": "success",
    "detail": "readers",
    "actor_sub": "8a2f1f0e-5d53-4f0f-9f5e-0d7c0f1c7c55",
    "actor_label": "olivia@example.com",
    "subject_sub": SUB,
    "subject_label": "ada@example.com",
    "address": "203.0.113.7",
    "user_agent": "curl/8.5.0",
    "request_id": "4f0c6f9e5d1b4f7c8a53f2d2a1c9b7e0",
}
SESSION_ID: Final = "tkn0123456789abcdefghijklmno"
DEVICE_KEY: Final = "eu-west-1_a1b2c3d4-5678-90ab-cdef-111111111111"
FACTORS: Final = {
    "first": ["PASSWORD", "WEB_AUTHN"],
    "second": ["SOFTWARE_TOKEN_MFA"],
    "preferred": "SOFTWARE_TOKEN_MFA",
}
SESSION: Final = {
    "id": SESSION_ID,
    "hosted": False,
    "client_id": "1example23456789",
    "device": "Chrome on Linux",
    "address": "203.0.113.7",
    "place": "Dublin, Ireland",
    "signed_in_at": "2026-11-21T06:00:00Z",
    "last_seen_at": "2026-11-21T06:05:00Z",
}
DEVICE: Final = {
    "key": DEVICE_KEY,
    "name": "Ada's phone",
    "address": "203.0.113.7",
    "trusted": True,
    "created_at": "2026-11-21T06:00:00Z",
    "last_used_at": "2026-11-21T06:05:00Z",
}
# The body of an action, by its argument.
SENT: Final = {
    Argument.NONE: None,
    Argument.GROUP: {"group": "readers"},
    Argument.PASSWORD: {"password": "correct horse battery"},
    Argument.FACTOR: {"factor": "SOFTWARE_TOKEN_MFA"},
    Argument.SESSION: {"session": SESSION_ID},
    Argument.DEVICE: {"device": DEVICE_KEY},
    Argument.CONFIRMATION: {"email": "ada@example.com"},
}
