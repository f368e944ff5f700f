"""Checks of responses of the API."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpResponse

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


def body_of(response: HttpResponse) -> Any:
    """Return the JSON body of a response."""
    return json.loads(response.content)


def assert_problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """Check a problem response, and that it reveals no details of the implementation."""
    problem: dict[str, Any] = body_of(response)
    assert (response.status_code, problem.get("code")) == (status, code), problem
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert problem.keys() - {"errors", "signed_in", "sign_in_url"} == MEMBERS
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["request_id"] == response["X-Request-ID"]
    assert not re.search(
        r"jose|django|rest_framework|traceback|exception", str(problem), re.IGNORECASE
    )
    return problem


def assert_refused(response: HttpResponse, code: str) -> None:
    """Check a 401 response to invalid credentials."""
    assert_problem(response, 401, code)
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'
