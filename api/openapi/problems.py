"""The errors of the API, in OpenAPI's words. docs/api-errors.md lists every code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from accounts.problem_document import CONTENT_TYPE, problem_document

SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "An error (RFC 9457). Programs branch on `code`; `detail` is for people.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "enum": ["about:blank"]},
        "title": {"type": "string", "description": "The name of the status."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "code": {"type": "string", "pattern": "^[a-z_]+$", "description": "Stable."},
        "request_id": {"type": "string", "description": "As in `X-Request-ID` and in the log."},
        "errors": {
            "type": "object",
            "description": "With `validation_failed`: field -> messages.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}

_CHALLENGE: Final = {
    "WWW-Authenticate": {
        "description": "`Bearer`, and what is wrong with the token if one came (RFC 6750).",
        "schema": {"type": "string"},
    }
}
_RETRY_AFTER: Final = {
    "Retry-After": {
        "description": "Seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}


@dataclass(frozen=True, kw_only=True)
class _Kind:
    description: str
    # code -> detail, as they may come.
    examples: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)


_KINDS: Final[Mapping[int, _Kind]] = {
    400: _Kind(
        description="The request makes no sense, or has fields that cannot be accepted.",
        examples={"validation_failed": "The request has fields that cannot be accepted."},
    ),
    401: _Kind(
        description="No credentials, or bad ones.",
        examples={"token_expired": "The token has expired."},
        headers=_CHALLENGE,
    ),
    403: _Kind(
        description="Good credentials, which do not allow this.",
        examples={
            "insufficient_scope": "The token does not carry the scope that this request needs."
        },
        headers=_CHALLENGE,
    ),
    404: _Kind(
        description="There is nothing here, or it is somebody else's.",
        examples={"not_found": "There is nothing here, or it is not yours to see."},
    ),
    409: _Kind(description="Not as things are now."),
    413: _Kind(description="The body is over 64 KB."),
    415: _Kind(description="The body is not `application/json` in UTF-8."),
    429: _Kind(
        description="Too many requests.",
        examples={"throttled": "Too many requests. Try again later."},
        headers=_RETRY_AFTER,
    ),
    501: _Kind(
        description="The user pool service lacks the operation.",
        examples={"operation_not_supported": "This user pool service does not support this."},
    ),
    503: _Kind(
        description="What this depends on does not answer.",
        examples={"database_unavailable": "The service cannot reach its data right now."},
        headers=_RETRY_AFTER,
    ),
}


def reference(status: int) -> dict[str, str]:
    """The error of a status where an operation gives it."""
    return {"$ref": f"#/components/responses/{_name(status)}"}


def responses(*, used_in: str) -> dict[str, dict[str, Any]]:
    """What the references in `used_in`, a part of the document as JSON, point to."""
    return {
        _name(status): _response(status, kind)
        for status, kind in _KINDS.items()
        if reference(status)["$ref"] in used_in
    }


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "")


def _response(status: int, kind: _Kind) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if kind.examples:
        content["examples"] = {
            code: {"value": _example(status, code, detail)}
            for code, detail in kind.examples.items()
        }
    response: dict[str, Any] = {"description": kind.description, "content": {CONTENT_TYPE: content}}
    if kind.headers:
        response["headers"] = dict(kind.headers)
    return response


def _example(status: int, code: str, detail: str) -> dict[str, Any]:
    problem = problem_document(
        status, detail=detail, code=code, request_id="4f0c6f9e5d1b4f7c8a53f2d2a1c9b7e0"
    )
    if code == "validation_failed":
        problem["errors"] = {"title": ["This field is required."]}
    return problem
