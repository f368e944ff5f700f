"""Fixtures for users with notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse

from cognito.testing import TokenFactory
from tests.support.answers import body_of
from tests.support.caller import Caller

NOTES = "/api/v1/notes"


@dataclass(frozen=True)
class Writer:
    """A user with a token, who sends requests about notes."""

    call: Caller
    token: str

    def __call__(
        self, path: str = NOTES, *, method: str = "GET", body: object = None, **extra: Any
    ) -> HttpResponse:
        if body is not None:
            extra["body"] = body
        return self.call(self.token, path, method=method, **extra)

    def write(self, title: str, body: str = "") -> dict[str, Any]:
        """Create a note and return it."""
        response = self(method="POST", body={"title": title, "body": body})
        assert response.status_code == 201, response.content
        note: dict[str, Any] = body_of(response)
        return note

    def titles(self, query: str = "") -> list[str]:
        """Return the titles on the first page."""
        response = self(NOTES + query)
        assert response.status_code == 200, response.content
        return [note["title"] for note in body_of(response)["results"]]


def address(note: dict[str, Any]) -> str:
    """Return the path of a note."""
    return f"{NOTES}/{note['id']}"


@pytest.fixture
def ada(call: Caller, tokens: TokenFactory, known_keys: None) -> Writer:
    return Writer(call, tokens.access(sub="ada"))


@pytest.fixture
def bob(call: Caller, tokens: TokenFactory, known_keys: None) -> Writer:
    return Writer(call, tokens.access(sub="bob"))
