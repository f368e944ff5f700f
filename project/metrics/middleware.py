"""The middleware that times answers and writes metrics to the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts import process
from accounts.metrics.declared import ANSWER_TIME
from project.metrics.log_lines import log_lines
from project.middleware.front import PROBE_PATHS

logger = logging.getLogger(__name__)


class MetricsMiddleware:
    """Times answers, and writes what a request has recorded. Unused if metrics are off."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not (settings.METRICS_SERVICE or settings.METRICS_TOKEN):
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        metrics = process.current.metrics
        # Probes are quick and many, and would hide slow answers to visitors.
        if settings.METRICS_TOKEN and request.path_info not in PROBE_PATHS:
            status = f"{response.status_code // 100}xx"
            metrics.observe(ANSWER_TIME, time.perf_counter() - began, status)
        if settings.METRICS_SERVICE and (figures := metrics.drain()):
            for members in log_lines(figures, service=settings.METRICS_SERVICE, at=time.time()):
                logger.info("Metrics", extra={"members": members})
        return response
