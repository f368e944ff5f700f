"""The middleware that makes each request a span."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts import process
from project.traces.trace_id import current_trace_id

if TYPE_CHECKING:
    from project.traces.spans import Spans


class TracesMiddleware:
    """Makes a span of each request, of its calls of Cognito and of its statements.

    It is unused, and imports nothing of OpenTelemetry, if traces are off.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
            raise MiddlewareNotUsed
        if not _is_installed():
            raise ImproperlyConfigured(
                "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed. Install "
                "requirements/traces.txt."
            )
        self.get_response = get_response
        self._making = threading.Lock()
        self._spans: Spans | None = None

    @property
    def spans(self) -> Spans:
        """The spans of this process, made at its first request.

        A server may fork after it has loaded the application, and a fork loses the thread that
        sends spans.
        """
        with self._making:
            if self._spans is None:
                from project.traces.spans import Spans, provider_to  # noqa: PLC0415 # only if on

                self._spans = Spans(provider_to(settings.OTEL_EXPORTER_OTLP_ENDPOINT))
            return self._spans

    @spans.setter
    def spans(self, spans: Spans) -> None:
        self._spans = spans

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        from project.traces import traceparent  # noqa: PLC0415 # only if on
        from project.traces.spans import trace_id_of  # noqa: PLC0415 # as above

        spans = self.spans
        process.current.metrics.around_calls = spans.call
        parent = traceparent.parse(request.headers.get("traceparent", ""))
        with spans.request(request, parent) as span:
            trace_id = trace_id_of(span)
            request.trace_id = trace_id  # type: ignore[attr-defined] # Django has no such field
            reset_to = current_trace_id.set(trace_id)
            try:
                response = self.get_response(request)
            finally:
                current_trace_id.reset(reset_to)
            spans.finish(span, request, response)
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            spans.flush()
        return response


def _is_installed() -> bool:
    try:
        return find_spec("opentelemetry.sdk.trace") is not None
    except ModuleNotFoundError:
        return False
