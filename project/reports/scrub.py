"""Remove secrets and personal data from a report. It needs neither Django nor Sentry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

REMOVED: Final = "[removed]"
# Headers that say nothing about a user, and help to understand an error.
KEPT_HEADERS: Final = frozenset(
    {"accept", "accept-language", "content-length", "content-type", "host", "origin"}
)
_SENSITIVE: Final = re.compile(
    r"passw|secret|token|code|cookie|session|auth|credential|csrf|e-?mail|phone|username|\bsub\b"
    r"|dsn|database_url|api.?key|fernet|otp|signature|verifier|nonce|\bstate\b",
    re.IGNORECASE,
)
# Names that contain such a word, but do not name a secret.
_HARMLESS: Final = frozenset(
    {"code.function", "code.filepath", "context_line", "error_code", "status_code", "session.id"}
)
# A text can come from a caller, so no pattern takes more than a bounded time for each character.
_PATTERNS: Final = tuple(
    (re.compile(pattern, flags), replacement)
    for pattern, flags, replacement in (
        # JWTs, and the encrypted tokens that Cognito gives for refreshing. A header is short.
        (r"eyJ[\w-]{0,2000}+(?:\.[\w-]*+){1,4}", re.ASCII, REMOVED),
        (r"\b(bearer|basic|dpop)\s+[^\s\"',]+", re.IGNORECASE, rf"\1 {REMOVED}"),
        (r"[^\s@<>\"'(),;:=]{1,64}@[\w.-]{1,255}", 0, REMOVED),
        # The query string of the callback has the code of a sign-in.
        (r"\?[^\s\"'<>]+", 0, f"?{REMOVED}"),
        (
            (
                r"(?<![\w-])([\w-]*(?:password|secret|token|code|cookie|session|authorization|key))"
                r"([\"']?\s*[=:]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s,;&})]+)"
            ),
            re.IGNORECASE,
            rf"\1\2{REMOVED}",
        ),
        # A user by `sub`, and an authorization code, are UUIDs.
        (r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE, REMOVED),
        # Codes that users type.
        (r"(?<![\w.-])\d{6,8}(?![\w-])", 0, REMOVED),
        (r"(?<!\w)\+\d{7,15}\b", 0, REMOVED),
        (r"\b([a-z]+://)[^/\s@]+@", re.IGNORECASE, rf"\1{REMOVED}@"),
        (r"(?<=/)((?:operators|directory)/(?:users|groups)/)[^/\s]+", 0, rf"\1{REMOVED}"),
    )
)
_MAX_DEPTH: Final = 30
_MAX_TEXT: Final = 20_000


def scrubbed_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report without the user, the body, the cookies and most headers of the request.

    Every text of the rest is scrubbed. Local variables are not part of a report (start.py).
    """
    kept = {name: value for name, value in event.items() if name not in {"request", "user"}}
    result: dict[str, Any] = _scrubbed(kept, 0)
    request = event.get("request")
    if isinstance(request, Mapping):
        headers = request.get("headers")
        result["request"] = _scrubbed(
            {
                "method": request.get("method"),
                "url": str(request.get("url", "")).partition("?")[0],
                "headers": {
                    name: value
                    for name, value in (headers.items() if isinstance(headers, Mapping) else ())
                    if str(name).lower() in KEPT_HEADERS
                },
            },
            0,
        )
    return result


def scrubbed_text(text: str) -> str:
    """Return the text without secrets, e-mail addresses, telephone numbers and query strings."""
    text = text[:_MAX_TEXT]
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _scrubbed(value: Any, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return REMOVED
    if isinstance(value, str):
        return scrubbed_text(value)
    if isinstance(value, Mapping):
        return {
            name: REMOVED if _is_sensitive(name, inner) else _scrubbed(inner, depth + 1)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_scrubbed(inner, depth + 1) for inner in value]
    if isinstance(value, bytes):
        return REMOVED
    return value


def _is_sensitive(name: object, value: object) -> bool:
    """Return whether a member is named like a secret. Members of the report itself are not."""
    if isinstance(value, Mapping | list) or value is None or isinstance(value, bool):
        return False
    return str(name) not in _HARMLESS and bool(_SENSITIVE.search(str(name)))
