"""The trace of the running request, for log lines. It is empty if traces are off."""

from __future__ import annotations

from contextvars import ContextVar

current_trace_id: ContextVar[str] = ContextVar("trace_id", default="")
