"""Limit the time that a request may spend on waiting (cognito.deadlines)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from cognito import deadlines

SIGN_IN_PATHS = frozenset({"/accounts/callback/", "/api/v1/auth/sign-in", "/api/v1/auth/challenge"})


class RequestDeadlineMiddleware:
    """Start the clock of each request. It must be outside every middleware that may wait."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_sign_in = request.path_info in SIGN_IN_PATHS
        with deadlines.running(deadlines.SIGN_IN if is_sign_in else deadlines.REQUEST):
            response = self.get_response(request)
        # A file waits for no dependency, and the server may send it by itself.
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            # Read the content now: later, the response would return this generator itself.
            response.streaming_content = _each_in_time(iter(response))
        return response


def _each_in_time(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Give each part of an answer the time of a request, because sending all may take longer."""
    while True:
        with deadlines.running(deadlines.REQUEST):
            part = next(parts, None)
        if part is None:
            return
        yield part
