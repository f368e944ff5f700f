"""Errors of the API as `application/problem+json` (RFC 9457).

Members: `type`, `title`, `status`, `detail`, `code`, `request_id`; for refused input, `errors`
(field -> messages); for a visitor where a session cookie is accepted, `signed_in` and
`sign_in_url`. Programs branch on `code`, which is stable. docs/api-errors.md lists the codes.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from accounts.problem_document import CONTENT_TYPE, problem_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error of the API. All members are shown to the caller."""

    status: int
    code: str
    detail: str
    errors: Mapping[str, Sequence[str]] | None = None
    # Further members of one kind of problem (RFC 9457 section 3.2).
    extensions: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, request: HttpRequest | Request) -> HttpResponse:
        """Return the problem as a response to `request`."""
        members = problem_document(
            self.status,
            detail=self.detail,
            code=self.code,
            request_id=request_id(request),
            **self.extensions,
        )
        if trace_id := getattr(request, "trace_id", ""):
            members["trace_id"] = trace_id
        if self.errors is not None:
            members["errors"] = self.errors
        return HttpResponse(
            json.dumps(members),
            status=self.status,
            content_type=CONTENT_TYPE,
            headers=dict(self.headers),
        )


STANDARD = {
    400: ("bad_request", "The request is malformed."),
    403: ("permission_denied", "This request is not allowed."),
    404: ("not_found", "This does not exist, or you have no access to it."),
    405: ("method_not_allowed", "This address does not support the method."),
    413: ("body_too_large", "The body is too large. Send a smaller one."),
    414: ("address_too_long", "The address is too long. Shorten its path or its query string."),
    415: ("unsupported_media_type", "Send the body as application/json, encoded in UTF-8."),
    431: ("headers_too_large", "A header is too long. Send a shorter one."),
    503: ("unavailable", "The service is unavailable. Try again later."),
}


def standard_problem(status: int) -> Problem:
    """Return the problem of a status, with its standard code and detail."""
    ours = ("server_error", "The service failed to answer. The failure was logged.")
    theirs = STANDARD[HTTPStatus.BAD_REQUEST]
    unlisted = ours if status >= HTTPStatus.INTERNAL_SERVER_ERROR else theirs
    code, detail = STANDARD.get(status, unlisted)
    return Problem(status=status, code=code, detail=detail)


def request_id(request: HttpRequest | Request) -> str:
    """Return the id of this request in the logs, or a new one if it has none yet."""
    known: str | None = getattr(request, "request_id", None)
    return known or uuid.uuid4().hex
