"""Where a request comes from, in a way that its sender cannot choose."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The sender's IP address; None where it is not one.

    On Lambda it is what API Gateway wrote into the event: REMOTE_ADDR comes from X-Forwarded-For
    there, which the sender writes. Elsewhere it is the peer of the connection.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    event = request.META.get("lambda.event")
    address = _source_ip(event) if isinstance(event, Mapping) else request.META.get("REMOTE_ADDR")
    try:
        return str(ipaddress.ip_address(address or ""))
    except ValueError:
        return None


def _source_ip(event: Mapping[str, Any]) -> str | None:
    """From a REST API's event (version 1.0), or an HTTP API's or function URL's (2.0)."""
    context = event.get("requestContext") or {}
    return (context.get("identity") or context.get("http") or {}).get("sourceIp")
