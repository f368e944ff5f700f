"""Problem documents (RFC 9457), the errors of the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

CONTENT_TYPE: Final = "application/problem+json"


def problem_document(status: int, **members: object) -> dict[str, Any]:
    """Return the members of a problem.

    `type` is `about:blank`, so `title` is the status phrase (RFC 9457 section 4.2.1).
    """
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, **members}
