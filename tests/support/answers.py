"""Checks of responses of the API."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpResponse

# docs/api-discovery.md. PUBLIC_URL is in tests/support/environment.py.
METADATA_URL = "http://localhost:8000/.well-known/oauth-protected-resource/api"
MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


def challenge(parameters: str = "") -> str:
    """Return the `WWW-Authenticate` header of the API with the parameters."""
    metadata = f'resource_metadata="{METADATA_URL}"'
    return "Bearer " + ", ".join(filter(None, [parameters, metadata]))


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
    assert response["WWW-Authenticate"] == challenge('error="invalid_token"')
