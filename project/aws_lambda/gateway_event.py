"""Translate events of API Gateway into WSGI requests, and WSGI answers back.

The events are those of a REST API (payload format 1.0), of an HTTP API and a function URL (2.0),
and of an Application Load Balancer. Zappa's own handler is not used, because it takes the client's
address and scheme from headers that the client writes, decodes a path twice, joins repeated
parameters, and logs query strings, which contain authorization codes.

Sources:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
    PEP 3333
"""

from __future__ import annotations

import base64
import binascii
import itertools
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode

from project.environment.trusted_proxy import address_in

Event = Mapping[str, Any]
Headers = Sequence[tuple[str, str]]

# Lambda allows 6 MB in all, the headers and the JSON around the body included.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAXIMUM_BODY_CHARACTERS = 5_900_000


_FUNCTION_URL = re.compile(r"([a-z0-9]+)\.lambda-url\.[a-z0-9-]+\.on\.aws")


class UnreadableEvent(ValueError):
    """The event says that the body is base64, and it is not."""


class AnswerTooLarge(ValueError):
    """The answer exceeds Lambda's limit. `characters` is the size of the encoded body."""

    def __init__(self, characters: int) -> None:
        super().__init__(f"{characters} characters; Lambda accepts {MAXIMUM_BODY_CHARACTERS}")
        self.characters = characters


def wsgi_environ(event: Event, *, prefix: str) -> dict[str, Any]:
    """Return the WSGI environment of `event`.

    Args:
        prefix: the path of PUBLIC_URL, such as `/dev`, or empty. HTTP APIs and base path mappings
            leave it on the path, where it is removed. Stages of REST APIs do not.

    Raises UnreadableEvent.
    """
    headers = _headers(event)
    body = _body(event)
    address = _source_address(event, headers)
    if "x-forwarded-for" in headers:
        headers["x-forwarded-for"] = _without_last(headers["x-forwarded-for"], address)
    # The gateway replaces what the client wrote there.
    scheme = "https" if headers.get("x-forwarded-proto") == "https" else "http"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": _method(event),
        "SCRIPT_NAME": prefix,
        "PATH_INFO": _path_info(event, prefix),
        "QUERY_STRING": _wsgi_text(_query_string(event)),
        "CONTENT_TYPE": _wsgi_text(headers.pop("content-type", "")),
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": address,
        "SERVER_NAME": "gatehouse",
        "SERVER_PORT": "443" if scheme == "https" else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "gatehouse.scheme_is_known": True,
    }
    headers.pop("content-length", None)
    for name, value in headers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = _wsgi_text(value)
    return environ


def gateway_answer(event: Event, *, status: str, headers: Headers, body: bytes) -> dict[str, Any]:
    """Return Lambda's answer to `event`. `status` is WSGI's: `200 OK`. Raises AnswerTooLarge."""
    text, is_base64 = _text(headers, body)
    if len(text) > MAXIMUM_BODY_CHARACTERS:
        raise AnswerTooLarge(len(text))
    if _has_no_body(event, status):
        text, is_base64 = "", False
    answer: dict[str, Any] = {
        "statusCode": int(status.partition(" ")[0]),
        "isBase64Encoded": is_base64,
        "body": text,
    }
    if _is_load_balancer(event):
        answer["statusDescription"] = status
    if event.get("version") == "2.0":
        cookies = [value for name, value in headers if name.lower() == "set-cookie"]
        others = [(name, value) for name, value in headers if name.lower() != "set-cookie"]
        return answer | {"headers": _joined(others), "cookies": cookies}
    if "multiValueHeaders" in event:
        several: dict[str, list[str]] = {}
        for name, value in headers:
            several.setdefault(name, []).append(value)
        return answer | {"multiValueHeaders": several}
    return answer | {"headers": _in_different_case(headers)}


def _has_no_body(event: Event, status: str) -> bool:
    """Apply RFC 9110, sections 6.4.1 and 15. The headers stay, Content-Length included."""
    return _method(event).upper() == "HEAD" or status[:3] in {"204", "205", "304"}


def _method(event: Event) -> str:
    context = event["requestContext"]
    return str(context["http"]["method"] if "http" in context else event["httpMethod"])


def _path_info(event: Event, prefix: str) -> str:
    """Return the path as a WSGI server hands it over: decoded exactly once, without the prefix.

    HTTP APIs decode the path themselves and leave the stage on it, in both versions of the payload.
    REST APIs, function URLs and load balancers pass the path on as the client encoded it.
    """
    context = event["requestContext"]
    path = str(event["rawPath"] if event.get("version") == "2.0" else event["path"])
    decoded = (
        _wsgi_text(path)
        if _is_http_api(event)
        else unquote_to_bytes(path.encode("utf-8", "replace")).decode("latin-1")
    )
    if context.get("path") == f"/{context.get('stage')}{path}":
        # The gateway removed the stage: what looks like the prefix now is the application's path.
        return decoded
    if _is_http_api(event):
        without_stage = _without_prefix(decoded, f"/{context.get('stage', '$default')}")
        if without_stage != decoded and prefix == f"/{context.get('stage')}":
            return without_stage
        decoded = without_stage
    return _without_prefix(decoded, prefix)


def _is_http_api(event: Event) -> bool:
    """Tell an HTTP API from a REST API, whose events have no version, and from a function URL."""
    return event.get("version") in {"1.0", "2.0"} and not _is_function_url(event)


def _is_function_url(event: Event) -> bool:
    """Compare the whole name: an HTTP API passes on the name that the client asked for.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
    """
    context = event["requestContext"]
    found = _FUNCTION_URL.fullmatch(str(context.get("domainName", "")))
    return bool(
        found
        and event.get("version") == "2.0"
        and context.get("stage") == "$default"
        and context.get("apiId", found[1]) == found[1]
    )


def _without_prefix(path: str, prefix: str) -> str:
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        return path.removeprefix(prefix) or "/"
    return path


def _query_string(event: Event) -> str:
    if event.get("version") == "2.0":
        return event.get("rawQueryString") or ""
    several = event.get("multiValueQueryStringParameters")
    pairs: list[tuple[str, str]] = (
        [(name, value) for name, values in several.items() for value in values]
        if several
        else list((event.get("queryStringParameters") or {}).items())
    )
    if _is_load_balancer(event):
        # A load balancer does not decode them.
        return "&".join(f"{name}={value}" for name, value in pairs)
    return urlencode(pairs, errors="replace")


def _headers(event: Event) -> dict[str, str]:
    """Return the headers by lower-case name. Repeated ones are joined (RFC 9110, section 5.3).

    A second `Authorization` is therefore seen, and refused, in any spelling. Names with an
    underscore are left out, because WSGI would read `X_Forwarded_Proto` as `X-Forwarded-Proto`.
    """
    several = event.get("multiValueHeaders")
    pairs: Iterable[tuple[str, str]] = (
        [(name, value) for name, values in several.items() for value in values]
        if several
        else (event.get("headers") or {}).items()
    )
    values: dict[str, list[str]] = {}
    for name, value in itertools.chain(pairs, (("cookie", c) for c in event.get("cookies") or ())):
        if "_" not in name:
            values.setdefault(name.lower(), []).append(value)
    return {
        name: ("; " if name == "cookie" else ", ").join(parts) for name, parts in values.items()
    }


def _body(event: Event) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableEvent("the body is not base64") from error


def _source_address(event: Event, headers: Mapping[str, str]) -> str:
    """Return the address that the gateway saw. A client can write the start of X-Forwarded-For."""
    context = event["requestContext"]
    if _is_load_balancer(event):
        # The load balancer appends the address that it saw, and only it invokes the function.
        address = address_in(headers.get("x-forwarded-for", "").rpartition(",")[2])
        return "" if address is None else str(address)
    return (context.get("http") or context.get("identity") or {}).get("sourceIp") or ""


def _without_last(forwarded_for: str, address: str) -> str:
    """Remove the entry that the gateway appended: a server adds none for the peer either."""
    others, _, last = forwarded_for.rpartition(",")
    return others if address_in(last) == address_in(address) else forwarded_for


def _is_load_balancer(event: Event) -> bool:
    return "elb" in event["requestContext"]


def _text(headers: Headers, body: bytes) -> tuple[str, bool]:
    """Return the body as text and False, or in base64 and True."""
    if not any(name.lower() == "content-encoding" for name, _ in headers):
        try:
            return body.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode("ascii"), True


def _joined(headers: Headers) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _in_different_case(headers: Headers) -> dict[str, str]:
    """Spell repeated names in different cases, because the answer has one value for each name."""
    spelt: dict[str, str] = {}
    for name, value in headers:
        letters = [sorted({letter.lower(), letter.upper()}) for letter in name.lower()]
        spellings = itertools.chain([name], map("".join, itertools.product(*letters)))
        spelt[next(spelling for spelling in spellings if spelling not in spelt)] = value
    return spelt


def _wsgi_text(text: str) -> str:
    """Return the bytes of the request, each as one character (PEP 3333)."""
    return text.encode("utf-8", "replace").decode("latin-1")
