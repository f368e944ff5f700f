"""The clock that each request gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.urls import resolve

from cognito import deadlines
from project.middleware.request_deadline import SIGN_IN_PATHS, RequestDeadlineMiddleware


def left(path: str) -> float:
    """Return how long a view of that path may wait for Cognito."""
    seen: list[float] = []

    def view(_: HttpRequest) -> HttpResponseBase:
        seen.append(deadlines.call_seconds(100))
        return HttpResponse()

    RequestDeadlineMiddleware(view)(RequestFactory().get(path))
    return seen[0]


def test_request_has_the_budget_of_its_kind() -> None:
    assert left("/") <= deadlines.REQUEST.calls
    for path in SIGN_IN_PATHS:
        assert deadlines.REQUEST.calls < left(path) <= deadlines.SIGN_IN.calls


@pytest.mark.parametrize("path", sorted(SIGN_IN_PATHS))
def test_paths_of_sign_ins_exist(path: str) -> None:
    assert resolve(path)


def test_clock_stops_with_the_request() -> None:
    left("/")
    assert deadlines.database_seconds() is None


def test_each_part_of_a_streamed_answer_has_the_time_of_a_request() -> None:
    seen: list[float | None] = []

    def parts() -> Iterator[bytes]:
        for number in range(3):
            seen.append(deadlines.database_seconds())
            yield b"%d" % number

    response = RequestDeadlineMiddleware(lambda _: StreamingHttpResponse(parts()))(
        RequestFactory().get("/")
    )
    assert isinstance(response, StreamingHttpResponse)
    assert b"".join(response) == b"012"
    assert all(one is not None and one > 1 for one in seen)
    assert deadlines.database_seconds() is None


def test_file_is_sent_by_the_server() -> None:
    with Path(__file__).open("rb") as file:
        response = RequestDeadlineMiddleware(lambda _: FileResponse(file))(
            RequestFactory().get("/")
        )
        assert isinstance(response, FileResponse)
        assert response.file_to_stream is not None
