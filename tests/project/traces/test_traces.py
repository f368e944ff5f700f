"""Spans of real requests, kept in memory by OpenTelemetry's own SDK."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpResponse
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from pytest_django import Settings

from infra.environments import ROOT
from project.logs.configuration import JsonFormatter
from project.traces.middleware import TracesMiddleware
from project.traces.spans import Spans
from project.traces.trace_id import current_trace_id
from tests.project.traces.test_traceparent import GOOD, SPAN, TRACE
from tests.support.answers import body_of
from tests.support.caller import Caller
from tests.support.provider.browser import Browser
from tests.support.provider.provider import Provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keys")]

Sent = Callable[[], list[ReadableSpan]]


@pytest.fixture
def sent(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    """Switch traces on. Yield a function that returns and forgets the spans that ended."""
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:9"
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans = Spans(provider)
    monkeypatch.setattr(TracesMiddleware, "spans", spans)

    def take() -> list[ReadableSpan]:
        found = list(exporter.get_finished_spans())
        exporter.clear()
        return found

    yield take
    provider.shutdown()


def server_span(spans: list[ReadableSpan]) -> ReadableSpan:
    (found,) = [span for span in spans if span.kind is SpanKind.SERVER]
    return found


def test_span_of_a_request_continues_the_trace_of_the_caller(sent: Sent, call: Caller) -> None:
    response = call(HTTP_TRACEPARENT=GOOD)
    span = server_span(sent())
    assert f"{span.context.trace_id:032x}" == TRACE
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == SPAN
    assert span.name == "GET /api/v1/me"
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/api/v1/me",
        "http.response.status_code": 401,
        "app.request_id": response["X-Request-ID"],
    }


def test_problem_document_and_log_lines_have_the_trace(sent: Sent, call: Caller) -> None:
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonFormatter().format(record))

    handler = Lines()
    logging.getLogger().addHandler(handler)
    try:
        response = call("x.y.z", HTTP_TRACEPARENT=GOOD)
    finally:
        logging.getLogger().removeHandler(handler)
    assert body_of(response)["trace_id"] == TRACE
    ids = {(line.get("trace_id"), line.get("request_id")) for line in map(json.loads, lines)}
    assert ids == {(TRACE, response["X-Request-ID"])}
    assert current_trace_id.get() == ""


@pytest.mark.parametrize("header", ["", "garbage", f"{GOOD},{GOOD}"])
def test_request_without_a_valid_header_begins_a_trace(
    sent: Sent, call: Caller, header: str
) -> None:
    call(HTTP_TRACEPARENT=header)
    span = server_span(sent())
    assert span.parent is None
    assert f"{span.context.trace_id:032x}" != TRACE


def test_caller_that_does_not_sample_gets_no_spans(sent: Sent, call: Caller) -> None:
    call(HTTP_TRACEPARENT=GOOD[:-1] + "0")
    assert sent() == []


def test_sign_in_has_spans_of_its_call_and_its_statements(
    sent: Sent, browser: Browser, provider: Provider
) -> None:
    browser.sign_in()
    spans = sent()
    by_name = {span.name: span for span in spans}
    call = by_name["Cognito TokenEndpoint"]
    assert call.attributes is not None
    assert call.attributes["rpc.method"] == "TokenEndpoint"
    insert = by_name["INSERT"]
    assert insert.attributes is not None
    assert "INSERT INTO" in str(insert.attributes["db.query.text"])
    callback = by_name["GET /accounts/callback/"]
    for span in (call, insert):
        assert span.parent is not None
        assert span.context.trace_id == callback.context.trace_id
    everything = "".join(span.to_json() for span in spans)
    person = provider.person
    for secret in (person.email, person.sub, *provider.secrets):
        assert secret not in everything


def test_failed_call_marks_its_span_without_a_text(
    sent: Sent, browser: Browser, provider: Provider
) -> None:
    provider.behave(token="reset")
    browser.sign_in()
    (span,) = [span for span in sent() if span.name == "Cognito TokenEndpoint"]
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "TransportError"
    assert span.events == ()


def test_invented_method_is_not_part_of_a_name(sent: Sent, call: Caller) -> None:
    call(method="INVENTED-BY-A-CALLER")
    span = server_span(sent())
    assert span.attributes is not None
    assert span.attributes["http.request.method"] == "_OTHER"
    assert "INVENTED" not in span.to_json()


def test_traces_that_are_off_have_no_middleware(settings: Settings) -> None:
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = ""
    with pytest.raises(MiddlewareNotUsed):
        TracesMiddleware(lambda _: HttpResponse())


def test_missing_package_stops_the_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:9"
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(ImproperlyConfigured, match=r"requirements/traces\.txt"):
        TracesMiddleware(lambda _: HttpResponse())


@pytest.mark.slow
def test_nothing_is_imported_when_traces_and_reports_are_off() -> None:
    script = (
        "import sys, project.wsgi\n"
        "found = [name for name in sys.modules if name.partition('.')[0] in "
        "{'opentelemetry', 'sentry_sdk'}]\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)
