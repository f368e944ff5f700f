"""Spans of OpenTelemetry. Import this only if traces are on: it needs requirements/traces.txt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any, Final

from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
)

from project.traces.traceparent import TraceParent

# https://www.rfc-editor.org/rfc/rfc9110#section-9.1; a caller can invent others.
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_STATEMENTS: Final = frozenset(
    {"BEGIN", "COMMIT", "DELETE", "INSERT", "RELEASE", "ROLLBACK", "SAVEPOINT", "SELECT", "UPDATE"}
)
_MAX_STATEMENT: Final = 1000
# On Lambda a process sleeps between requests, so its spans are sent before the answer.
_FLUSH_MILLISECONDS: Final = 500

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


def provider_to(endpoint: str) -> TracerProvider:
    """Return a provider that sends spans in the background, as OTLP over HTTP.

    The SDK reads its other settings from the environment: `OTEL_SERVICE_NAME`,
    `OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS` and others.
    https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 # tests need none
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 # as above

    name = os.environ.get("OTEL_SERVICE_NAME") or "gatehouse"
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class Spans:
    """The spans of one process. They name no user, and hold no value of a request."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("gatehouse")

    @contextmanager
    def request(self, request: HttpRequest, parent: TraceParent | None) -> Iterator[Span]:
        """Run a request, whose statements become spans of their own."""
        method = _method(request)
        with (
            self._tracer.start_as_current_span(
                method,
                context=_context_of(parent),
                kind=SpanKind.SERVER,
                attributes={"http.request.method": method},
                record_exception=False,
                set_status_on_exception=False,
            ) as span,
            ExitStack() as wrappers,
        ):
            for connection in connections.all(initialized_only=True) or connections.all():
                wrappers.enter_context(connection.execute_wrapper(self.statement))
            yield span

    def finish(self, span: Span, request: HttpRequest, response: HttpResponseBase) -> None:
        """Describe the answer. The route is that of the source, and not the path."""
        if request.resolver_match is not None:
            route = f"/{request.resolver_match.route}"
            span.update_name(f"{_method(request)} {route}"[:200])
            span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", response.status_code)
        span.set_attribute("app.request_id", getattr(request, "request_id", ""))
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            span.set_status(Status(StatusCode.ERROR))

    def flush(self) -> None:
        self._provider.force_flush(_FLUSH_MILLISECONDS)

    @contextmanager
    def call(self, operation: str) -> Iterator[None]:
        """Run a call of Cognito."""
        attributes = {"rpc.system": "aws-api", "rpc.service": "Cognito", "rpc.method": operation}
        with self._span(f"Cognito {operation}", attributes):
            yield

    def statement(
        self, execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """Run a statement. Its text has placeholders, and its parameters are left out."""
        text = str(sql)
        verb = text.lstrip(" (\n").partition(" ")[0].upper()
        attributes = {
            "db.system.name": str(context["connection"].vendor),
            "db.query.text": text[:_MAX_STATEMENT],
        }
        with self._span(verb if verb in _STATEMENTS else "SQL", attributes):
            return execute(sql, params, many, context)

    @contextmanager
    def _span(self, name: str, attributes: dict[str, str]) -> Iterator[None]:
        with self._tracer.start_as_current_span(
            name,
            kind=SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except Exception as error:
                # The name alone: the text of a driver's error can quote a row.
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise


def _method(request: HttpRequest) -> str:
    return str(request.method) if request.method in _METHODS else "_OTHER"


def _context_of(parent: TraceParent | None) -> Any:
    if parent is None:
        return None
    flags = TraceFlags(TraceFlags.SAMPLED if parent.is_sampled else TraceFlags.DEFAULT)
    remote = SpanContext(parent.trace_id, parent.span_id, is_remote=True, trace_flags=flags)
    return trace.set_span_in_context(NonRecordingSpan(remote))


def trace_id_of(span: Span) -> str:
    return trace.format_trace_id(span.get_span_context().trace_id)
