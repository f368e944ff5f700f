"""What answers of the API must look like."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpResponse

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


def body_of(response: HttpResponse) -> Any:
    """The JSON that was answered."""
    return json.loads(response.content)


def assert_problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """A whole problem, and nothing that tells how the application is made."""
    problem: dict[str, Any] = body_of(response)
    assert (response.status_code, problem["code"]) == (status, code), problem
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert problem.keys() - {"errors"} == MEMBERS
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["request_id"] == response["X-Request-ID"]
    assert not re.search(
        r"jose|django|rest_framework|traceback|exception", str(problem), re.IGNORECASE
    )
    return problem


def assert_refused(response: HttpResponse, code: str) -> None:
    """401 for credentials that are no good."""
    assert_problem(response, 401, code)
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'
