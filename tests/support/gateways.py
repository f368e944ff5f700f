"""Requests as the gateways of AWS pass them to a function, and answers as they read them.

Sources:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

API_HOST = "abc123.execute-api.eu-west-1.amazonaws.com"
URL_HOST = "abc123.lambda-url.eu-west-1.on.aws"
BALANCER_HOST = "app.example.com"
CLIENT = "203.0.113.9"
STAGE = "dev"


@dataclass(frozen=True)
class Sent:
    """A request as a client sends it: the path and the query are encoded."""

    path: str
    method: str = "GET"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class Received:
    """A response as a client gets it."""

    status: int
    headers: Mapping[str, str]
    cookies: list[str]
    body: bytes


@dataclass(frozen=True)
class Gateway:
    """A kind of gateway. `public_url` is the address that clients use."""

    name: str
    public_url: str
    event: Callable[[Sent], dict[str, Any]]


def received(answer: Mapping[str, Any]) -> Received:
    """Read an answer of the function, of any form."""
    pairs = [
        *(answer.get("headers") or {}).items(),
        *((n, v) for n, values in (answer.get("multiValueHeaders") or {}).items() for v in values),
    ]
    body = answer.get("body") or ""
    return Received(
        answer["statusCode"],
        {name.lower(): value for name, value in pairs if name.lower() != "set-cookie"},
        [
            *(answer.get("cookies") or ()),
            *(value for name, value in pairs if name.lower() == "set-cookie"),
        ],
        base64.b64decode(body) if answer["isBase64Encoded"] else body.encode(),
    )


def _headers(sent: Sent, host: str, *, forwarded: bool = True) -> dict[str, str]:
    """Return the client's headers, with those that the gateway sets or extends."""
    found = {name.lower(): value for name, value in sent.headers.items()}
    found |= {"host": host, "x-forwarded-proto": "https", "x-forwarded-port": "443"}
    before = found.get("x-forwarded-for")
    found["x-forwarded-for"] = f"{before}, {CLIENT}" if before and forwarded else CLIENT
    return found


def _with_cookies(headers: dict[str, str], sent: Sent) -> dict[str, str]:
    return headers | ({"cookie": "; ".join(sent.cookies)} if sent.cookies else {})


def _several(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    several: dict[str, list[str]] = {}
    for name, value in pairs:
        several.setdefault(name, []).append(value)
    return several


def _body(sent: Sent, *, is_binary: bool) -> dict[str, Any]:
    if not sent.body:
        return {"body": None, "isBase64Encoded": False}
    text = base64.b64encode(sent.body).decode() if is_binary else sent.body.decode()
    return {"body": text, "isBase64Encoded": is_binary}


def _rest_api(sent: Sent) -> dict[str, Any]:
    headers = _with_cookies(_headers(sent, API_HOST), sent)
    several = _several(parse_qsl(sent.query, keep_blank_values=True))
    return {
        "resource": "/{proxy+}",
        "path": sent.path,
        "httpMethod": sent.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {n: values[-1] for n, values in several.items()} or None,
        "multiValueQueryStringParameters": several or None,
        "pathParameters": {"proxy": sent.path[1:]},
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            "domainName": API_HOST,
            "domainPrefix": "abc123",
            "httpMethod": sent.method,
            "identity": {"sourceIp": CLIENT, "userAgent": "tests"},
            "path": f"/{STAGE}{sent.path}",
            "protocol": "HTTP/1.1",
            "requestId": "id",
            "resourcePath": "/{proxy+}",
            "stage": STAGE,
        },
        # Every media type is binary there: gateway.yaml, and zappa_settings.json.
        **_body(sent, is_binary=True),
    }


def _http_api_1(sent: Sent) -> dict[str, Any]:
    event = _rest_api(sent)
    path = f"/{STAGE}{unquote(sent.path)}"
    context = event["requestContext"] | {"path": path, "resourcePath": "$default"}
    return event | {"version": "1.0", "path": path, "requestContext": context}


def _version_2(sent: Sent, *, host: str, stage: str, path: str) -> dict[str, Any]:
    several = _several(parse_qsl(sent.query, keep_blank_values=True))
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": sent.query,
        **({"cookies": list(sent.cookies)} if sent.cookies else {}),
        "headers": _headers(sent, host),
        "queryStringParameters": {name: ",".join(values) for name, values in several.items()},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": host.partition(".")[0],
            "domainName": host,
            "domainPrefix": host.partition(".")[0],
            "http": {
                "method": sent.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": CLIENT,
                "userAgent": "tests",
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": stage,
            "time": "28/Nov/2026:22:00:00 +0000",
            "timeEpoch": 1795903200000,
        },
        **_body(sent, is_binary=False),
    }


def _http_api_2(sent: Sent) -> dict[str, Any]:
    path = f"/{STAGE}{unquote(sent.path)}"
    return _version_2(sent, host=API_HOST, stage=STAGE, path=path)


def _function_url(sent: Sent) -> dict[str, Any]:
    event = _version_2(sent, host=URL_HOST, stage="$default", path=sent.path)
    context = event["requestContext"] | {"accountId": "anonymous", "authorizer": None}
    return event | {"requestContext": context} | _body(sent, is_binary=True)


def _function_url_with_iam(sent: Sent) -> dict[str, Any]:
    event = _function_url(sent)
    iam = {"accessKey": "AKIAEXAMPLE", "accountId": "123456789012", "userId": "AIDAEXAMPLE"}
    context = event["requestContext"] | {"accountId": "123456789012", "authorizer": {"iam": iam}}
    return event | {"requestContext": context}


def _balancer(sent: Sent) -> dict[str, Any]:
    # A load balancer leaves the parameters encoded, and the last one of a name wins.
    parts = [part.partition("=") for part in sent.query.split("&") if part]
    return {
        "requestContext": {
            "elb": {
                "targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/app/6d0e"
            }
        },
        "httpMethod": sent.method,
        "path": sent.path,
        "queryStringParameters": {name: value for name, _, value in parts},
        "headers": _with_cookies(_headers(sent, BALANCER_HOST), sent),
        **_body(sent, is_binary=True),
        **({} if sent.body else {"body": ""}),
    }


def _balancer_with_several(sent: Sent) -> dict[str, Any]:
    event = _balancer(sent)
    headers = event.pop("headers")
    event.pop("queryStringParameters")
    parts = [part.partition("=") for part in sent.query.split("&") if part]
    return event | {
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "multiValueQueryStringParameters": _several([(name, value) for name, _, value in parts]),
    }


GATEWAYS = (
    Gateway("REST API", f"https://{API_HOST}/{STAGE}", _rest_api),
    Gateway("HTTP API, payload 1.0", f"https://{API_HOST}/{STAGE}", _http_api_1),
    Gateway("HTTP API, payload 2.0", f"https://{API_HOST}/{STAGE}", _http_api_2),
    Gateway("function URL", f"https://{URL_HOST}", _function_url),
    Gateway("function URL with IAM", f"https://{URL_HOST}", _function_url_with_iam),
    Gateway("load balancer", f"https://{BALANCER_HOST}", _balancer),
    Gateway("load balancer, several values", f"https://{BALANCER_HOST}", _balancer_with_several),
)
