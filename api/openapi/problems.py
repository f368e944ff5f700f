"""The errors of the API in the OpenAPI document. docs/api-errors.md lists every code."""

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
        "code": {
            "type": "string",
            "pattern": "^[a-z_]+$",
            "description": "A stable code of the error.",
        },
        "request_id": {"type": "string", "description": "The id in `X-Request-ID` and in the log."},
        "trace_id": {"type": "string", "description": "The trace, if this site records traces."},
        "errors": {
            "type": "object",
            "description": "Field -> messages. Only with `validation_failed`.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "signed_in": {
            "type": "boolean",
            "enum": [False],
            "description": "Only with `not_authenticated` and `session_ended`, where a session "
            "cookie is accepted.",
        },
        "sign_in_url": {
            "type": "string",
            "description": "With `signed_in`: where a page sends its user, with `?next=` and the "
            "page's own path.",
        },
    },
}

_CHALLENGE: Final = {
    "WWW-Authenticate": {
        "description": "`Bearer`, with the error if the request had a token, the scopes that the "
        "request needs (RFC 6750), and `resource_metadata`, an address that names the "
        "authorization server (RFC 9728). With `insufficient_user_authentication`, `max_age` and "
        "`acr_values` say which sign-in is needed (RFC 9470).",
        "schema": {"type": "string"},
    }
}
_RETRY_AFTER: Final = {
    "Retry-After": {
        "description": "The number of seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}


@dataclass(frozen=True, kw_only=True)
class _Kind:
    description: str
    # code -> detail.
    examples: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)


_KINDS: Final[Mapping[int, _Kind]] = {
    400: _Kind(
        description="The request is malformed or has invalid fields.",
        examples={"validation_failed": "Some fields are invalid. Correct them."},
    ),
    401: _Kind(
        description="The credentials are missing or invalid.",
        examples={
            "token_expired": "The token has expired.",
            "insufficient_user_authentication": "This needs a recent sign-in. Sign in again, then "
            "repeat the request.",
        },
        headers=_CHALLENGE,
    ),
    403: _Kind(
        description="The credentials are valid, but do not permit the request.",
        examples={"insufficient_scope": "The token lacks the scope that this request needs."},
        headers=_CHALLENGE,
    ),
    404: _Kind(
        description="The resource does not exist, or belongs to another user.",
        examples={"not_found": "This does not exist, or you have no access to it."},
    ),
    409: _Kind(description="The current state does not allow the request."),
    410: _Kind(
        description="The browser was signed in, but its session has ended.",
        examples={"session_ended": "Your session has ended. Sign in again."},
    ),
    413: _Kind(description="The body is larger than 64 KB."),
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
        description="The service, or one that it depends on, is unavailable.",
        examples={"database_unavailable": "The database is unavailable. Try again later."},
        headers=_RETRY_AFTER,
    ),
}


def reference(status: int) -> dict[str, str]:
    """Return the reference to the error of a status, for the responses of an operation."""
    return {"$ref": f"#/components/responses/{_name(status)}"}


def responses(*, used_in: str) -> dict[str, dict[str, Any]]:
    """Return the errors that `used_in`, a part of the document as JSON, refers to."""
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
    if code == "session_ended":
        problem |= {"signed_in": False, "sign_in_url": "/accounts/login/"}
    return problem
