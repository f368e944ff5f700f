"""Events of API Gateway, function URLs and load balancers, and the answers to them."""

from __future__ import annotations

import base64
import copy
from typing import Any

import pytest

from project.aws_lambda.gateway_event import (
    AnswerTooLarge,
    UnreadableEvent,
    gateway_answer,
    wsgi_environ,
)
from tests.support.clock import least_seconds

REST: dict[str, Any] = {
    "resource": "/{proxy+}",
    "path": "/api/v1/me",
    "httpMethod": "GET",
    "headers": {"Host": "abc.execute-api.eu-west-1.amazonaws.com", "X-Forwarded-Proto": "https"},
    "multiValueHeaders": {
        "Host": ["abc.execute-api.eu-west-1.amazonaws.com"],
        "X-Forwarded-For": ["6.6.6.6, 203.0.113.9"],
        "X-Forwarded-Proto": ["https"],
    },
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "pathParameters": {"proxy": "api/v1/me"},
    "stageVariables": None,
    "requestContext": {
        "path": "/dev/api/v1/me",
        "stage": "dev",
        "httpMethod": "GET",
        "identity": {"sourceIp": "203.0.113.9", "userArn": None},
    },
    "body": None,
    "isBase64Encoded": False,
}

HTTP: dict[str, Any] = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/dev/api/v1/me",
    "rawQueryString": "",
    "headers": {"host": "abc.execute-api.eu-west-1.amazonaws.com", "x-forwarded-proto": "https"},
    "requestContext": {
        "stage": "dev",
        "http": {"method": "GET", "path": "/dev/api/v1/me", "sourceIp": "203.0.113.9"},
    },
    "isBase64Encoded": False,
}

BALANCER: dict[str, Any] = {
    "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:::targetgroup/x"}},
    "httpMethod": "GET",
    "path": "/api/v1/me",
    "queryStringParameters": {},
    "headers": {
        "host": "app.example.com",
        "x-forwarded-for": "6.6.6.6, 203.0.113.9",
        "x-forwarded-proto": "https",
    },
    "body": "",
    "isBase64Encoded": False,
}

FUNCTION_URL: dict[str, Any] = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/api/v1/me",
    "rawQueryString": "",
    "headers": {"host": "abc.lambda-url.eu-west-1.on.aws", "x-forwarded-proto": "https"},
    "requestContext": {
        "stage": "$default",
        "apiId": "abc",
        "domainName": "abc.lambda-url.eu-west-1.on.aws",
        "http": {"method": "GET", "path": "/api/v1/me", "sourceIp": "203.0.113.9"},
    },
    "isBase64Encoded": False,
}

EVERY_EVENT = pytest.mark.parametrize(
    "event",
    [REST, HTTP, BALANCER, FUNCTION_URL],
    ids=["REST API", "HTTP API", "load balancer", "function URL"],
)
EVENTS = pytest.mark.parametrize(
    "event", [REST, HTTP, BALANCER], ids=["REST API", "HTTP API", "load balancer"]
)


def made(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return copy.deepcopy(event) | changes


@EVENTS
def test_event_becomes_a_request(event: dict[str, Any]) -> None:
    environ = wsgi_environ(event, prefix="/dev")
    assert environ["REQUEST_METHOD"] == "GET"
    assert environ["SCRIPT_NAME"] == "/dev"
    assert environ["PATH_INFO"] == "/api/v1/me"
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["wsgi.input"].read() == b""


@pytest.mark.parametrize("prefix", ["", "/dev"])
def test_function_url_has_no_stage_in_its_path(prefix: str) -> None:
    event = made(FUNCTION_URL, rawPath=f"{prefix}/$default/%24default")
    assert wsgi_environ(event, prefix=prefix)["PATH_INFO"] == "/$default/$default"


def test_identity_of_iam_gives_no_rights_and_no_address() -> None:
    """Function URLs can require a signature of IAM, whose identity is not a user's."""
    event = copy.deepcopy(FUNCTION_URL)
    event["requestContext"]["authorizer"] = {"iam": {"userId": "AIDA", "sourceIp": "6.6.6.6"}}
    plain, signed = (wsgi_environ(each, prefix="") for each in (FUNCTION_URL, event))
    for environ in (plain, signed):
        del environ["wsgi.input"]
    assert signed == plain


@pytest.mark.parametrize(
    "context",
    [
        {"domainName": "abc.lambda-url.eu-west-1.on.aws.evil.example"},
        {"domainName": "evil.example.abc.lambda-url.eu-west-1.on.aws"},
        {"domainName": "a.lambda-url.example.com"},
        {"domainName": "abc.lambda-url.eu-west-1.on.aws", "apiId": "another"},
        {"domainName": "abc.lambda-url.eu-west-1.on.aws", "stage": "dev"},
        {"domainName": "ABC.lambda-url.eu-west-1.on.aws"},
        {"domainName": None},
    ],
    ids=str,
)
def test_http_api_under_a_name_like_that_of_a_function_url_decodes_nothing(
    context: dict[str, Any],
) -> None:
    """An HTTP API has decoded the path already: a second time would make another path of it."""
    event = made(HTTP, rawPath="/dev/%61dmin/")
    event["requestContext"] |= {"apiId": "abc", "stage": "dev", **context}
    assert wsgi_environ(event, prefix="/dev")["PATH_INFO"] == "/%61dmin/"


@EVERY_EVENT
def test_forged_headers_change_neither_scheme_nor_address(event: dict[str, Any]) -> None:
    forged = {
        "x-forwarded-for": "6.6.6.6, 203.0.113.9",
        "x-forwarded-proto": "https",
        "x-real-ip": "6.6.6.6",
        "forwarded": "for=6.6.6.6;proto=http;host=evil.example",
        "x-amzn-request-context": '{"elb": {}}',
    }
    several = {name: [value] for name, value in forged.items()}
    kind = {"multiValueHeaders": several} if "multiValueHeaders" in event else {"headers": forged}
    environ = wsgi_environ(made(event, **kind), prefix="")
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == ("203.0.113.9", "https")


@EVENTS
def test_address_is_the_one_that_the_gateway_saw(event: dict[str, Any]) -> None:
    assert wsgi_environ(event, prefix="")["REMOTE_ADDR"] == "203.0.113.9"


def test_prefix_is_removed_from_whole_segments_only() -> None:
    for path, rest in {
        "/dev": "/",
        "/dev/": "/",
        "/dev/x": "/x",
        "/development/": "/development/",
        "/api/dev/": "/api/dev/",
    }.items():
        assert wsgi_environ(made(HTTP, rawPath=path), prefix="/dev")["PATH_INFO"] == rest


# A path as a browser sends it, and as a WSGI server passes it on.
PATHS = {
    "/%61dmin/": "/admin/",
    "/%2561dmin/": "/%61dmin/",
    "/a%2Bb%40c": "/a+b@c",
    "/a+b": "/a+b",
    "/a%2Fb%3Fc%23d%3Be": "/a/b?c#d;e",
    "/%252F": "/%2F",
    "/%": "/%",
    "/%zz": "/%zz",
    "/Zo%C3%AB": "/Zo\u00c3\u00ab",
    "/%ff": "/\xff",
    "/api/%2e%2e/admin/": "/api/../admin/",
    "//admin/": "//admin/",
    "/a%20b": "/a b",
}


@pytest.mark.parametrize(("sent", "handed_over"), PATHS.items())
def test_every_path_is_decoded_once(sent: str, handed_over: str) -> None:
    # HTTP APIs decode the path into text.
    decoded = handed_over.encode("latin-1").decode(errors="replace")
    received = {
        "REST API": made(REST, path=sent),
        "load balancer": made(BALANCER, path=sent),
        "function URL": made(FUNCTION_URL, rawPath=sent),
    }
    if "\ufffd" not in decoded:
        received["HTTP API"] = made(HTTP, rawPath=f"/dev{decoded}")
        received["HTTP API, payload 1.0"] = made(REST, version="1.0", path=decoded)
    for form, event in received.items():
        assert wsgi_environ(event, prefix="")["PATH_INFO"] == handed_over, form


def test_stage_of_http_api_is_removed_below_a_custom_domain() -> None:
    """With a custom domain, `rawPath` begins with the stage, which browsers do not see."""
    for raw_path, prefix in {"/dev/x": "", "/x": "", "/dev/base/x": "/base"}.items():
        environ = wsgi_environ(made(HTTP, rawPath=raw_path), prefix=prefix)
        assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (prefix, "/x")


@pytest.mark.parametrize("stage", ["api", "admin", "dev"])
def test_stage_may_have_the_name_of_a_path(stage: str) -> None:
    for path in ("/api/v1/me", "/admin/", f"/{stage}/{stage}/"):
        rest = copy.deepcopy(REST) | {"path": path}
        rest["requestContext"] |= {"stage": stage, "path": f"/{stage}{path}"}
        http = copy.deepcopy(HTTP) | {"rawPath": f"/{stage}{path}"}
        http["requestContext"] |= {"stage": stage}
        for event in (rest, rest | {"version": "1.0"}, http):
            assert wsgi_environ(event, prefix=f"/{stage}")["PATH_INFO"] == path


def test_base_path_of_rest_api_is_the_prefix() -> None:
    environ = wsgi_environ(made(REST, path="/base/x%2Fy"), prefix="/base")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/base", "/x/y")


@EVERY_EVENT
def test_entry_of_the_gateway_is_not_one_of_a_proxy(event: dict[str, Any]) -> None:
    if "multiValueHeaders" in event:
        event = made(event, multiValueHeaders={"X-Forwarded-For": ["6.6.6.6, 203.0.113.9"]})
    else:
        event = made(event, headers={"x-forwarded-for": "6.6.6.6, 203.0.113.9"})
    environ = wsgi_environ(event, prefix="")
    assert environ["REMOTE_ADDR"] == "203.0.113.9"
    assert environ["HTTP_X_FORWARDED_FOR"] == "6.6.6.6"


def test_address_with_a_port_is_an_address() -> None:
    headers = {"x-forwarded-for": "6.6.6.6, 203.0.113.9:4711"}
    assert wsgi_environ(made(BALANCER, headers=headers), prefix="")["REMOTE_ADDR"] == "203.0.113.9"


def test_headers_with_an_underscore_are_dropped() -> None:
    forged = {
        "X-Forwarded-Proto": ["http"],
        "X_Forwarded_Proto": ["https"],
        "X_Forwarded_Host": ["evil.example"],
        "x_amzn_oidc_identity": ["root"],
    }
    environ = wsgi_environ(made(REST, multiValueHeaders=forged), prefix="")
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["HTTP_X_FORWARDED_PROTO"] == "http"
    assert not {"HTTP_X_FORWARDED_HOST", "HTTP_X_AMZN_OIDC_IDENTITY"} & environ.keys()


def test_repeated_scheme_is_not_https() -> None:
    twice = {"X-Forwarded-Proto": ["https"], "x-forwarded-proto": ["http"]}
    environ = wsgi_environ(made(REST, multiValueHeaders=twice), prefix="")
    assert environ["wsgi.url_scheme"] == "http"


def test_second_authorization_is_seen_in_any_spelling() -> None:
    for headers in (
        {"Authorization": ["Bearer a", "Bearer b"]},
        {"Authorization": ["Bearer a"], "authorization": ["Bearer b"]},
    ):
        environ = wsgi_environ(made(REST, multiValueHeaders=headers), prefix="")
        assert environ["HTTP_AUTHORIZATION"] == "Bearer a, Bearer b"


def test_headers_repeated_a_hundred_thousand_times_are_joined_in_linear_time() -> None:
    values = ["value"] * 100_000
    event = made(REST, multiValueHeaders={"X-Many": values})
    assert wsgi_environ(event, prefix="")["HTTP_X_MANY"] == ", ".join(values)
    assert least_seconds(lambda: wsgi_environ(event, prefix=""), enough=1) < 1


def test_repeated_parameters_stay_apart() -> None:
    several = {"code": ["a,b", "c"], "state": ["x y"]}
    rest = wsgi_environ(made(REST, multiValueQueryStringParameters=several), prefix="")
    assert rest["QUERY_STRING"] == "code=a%2Cb&code=c&state=x+y"
    http = wsgi_environ(made(HTTP, rawQueryString="code=a%2Cb&code=c"), prefix="")
    assert http["QUERY_STRING"] == "code=a%2Cb&code=c"


def test_load_balancer_leaves_parameters_encoded() -> None:
    event = made(BALANCER, queryStringParameters={"next": "%2Fadmin%2F"})
    assert wsgi_environ(event, prefix="")["QUERY_STRING"] == "next=%2Fadmin%2F"


def test_several_cookies_become_one_header() -> None:
    rest = made(REST, multiValueHeaders={"Cookie": ["a=1", "b=2"]})
    http = made(HTTP, cookies=["a=1", "b=2"])
    for event in (rest, http):
        assert wsgi_environ(event, prefix="")["HTTP_COOKIE"] == "a=1; b=2"


@EVENTS
def test_body_is_read_as_text_and_as_base64(event: dict[str, Any]) -> None:
    body = '{"name": "Zoë"}'
    encoded = base64.b64encode(body.encode()).decode()
    for changes in ({"body": body}, {"body": encoded, "isBase64Encoded": True}):
        environ = wsgi_environ(made(event, **changes), prefix="")
        assert environ["wsgi.input"].read() == body.encode()
        assert environ["CONTENT_LENGTH"] == str(len(body.encode()))


def test_body_with_invalid_base64_is_refused() -> None:
    with pytest.raises(UnreadableEvent):
        wsgi_environ(made(REST, body="***", isBase64Encoded=True), prefix="")


def test_content_type_and_length_are_not_headers_in_wsgi() -> None:
    headers = {"content-type": "application/json", "content-length": "999"}
    environ = wsgi_environ(made(HTTP, headers=headers, body="{}"), prefix="")
    assert environ["CONTENT_TYPE"] == "application/json"
    assert environ["CONTENT_LENGTH"] == "2"
    assert not {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"} & environ.keys()


def test_unusual_characters_raise_no_error() -> None:
    unusual = "/\ud800\u0000é"
    environ = wsgi_environ(
        made(
            REST, path=unusual, body=unusual, multiValueQueryStringParameters={unusual: [unusual]}
        ),
        prefix="",
    )
    assert environ["PATH_INFO"] == "/?\x00Ã©"


COOKIES = [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")]


def answered(event: dict[str, Any], body: bytes = b"{}", **headers: str) -> dict[str, Any]:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return gateway_answer(event, status="200 OK", headers=[*COOKIES, *named], body=body)


def test_every_cookie_arrives() -> None:
    assert answered(REST)["multiValueHeaders"]["Set-Cookie"] == ["a=1; Path=/", "b=2; Path=/"]
    http = answered(HTTP)
    assert http["cookies"] == ["a=1; Path=/", "b=2; Path=/"]
    assert "Set-Cookie" not in http["headers"]
    balancer = answered(BALANCER)
    cookies = [v for k, v in balancer["headers"].items() if k.lower() == "set-cookie"]
    assert cookies == ["a=1; Path=/", "b=2; Path=/"]
    assert balancer["statusDescription"] == "200 OK"


@EVENTS
def test_text_stays_text_and_the_rest_becomes_base64(event: dict[str, Any]) -> None:
    text = answered(event, "Zoë".encode(), Content_Type="text/html")
    assert (text["body"], text["isBase64Encoded"]) == ("Zoë", False)
    for body, headers in (
        (b"\x89PNG\r\n\xff", {"Content_Type": "image/png"}),
        (b"as gzip would be", {"Content_Type": "text/css", "Content_Encoding": "gzip"}),
    ):
        binary = answered(event, body, **headers)
        assert binary["isBase64Encoded"] is True
        assert base64.b64decode(binary["body"]) == body


def with_method(event: dict[str, Any], method: str) -> dict[str, Any]:
    changed = copy.deepcopy(event)
    if "http" in changed["requestContext"]:
        changed["requestContext"]["http"]["method"] = method
    else:
        changed["httpMethod"] = method
    return changed


@EVERY_EVENT
def test_answer_to_head_has_the_headers_of_get_and_no_body(event: dict[str, Any]) -> None:
    for body, headers in (
        (b"{}", {"Content_Type": "application/json", "Content_Length": "2"}),
        (b"\x1f\x8b", {"Content_Encoding": "gzip", "Content_Length": "2"}),
    ):
        get, head = (
            answered(event, body, **headers),
            answered(with_method(event, "HEAD"), body, **headers),
        )
        assert get["body"]
        assert (head["body"], head["isBase64Encoded"]) == ("", False)
        for of_both in ("statusCode", "headers", "multiValueHeaders", "cookies"):
            assert head.get(of_both) == get.get(of_both)


@EVERY_EVENT
@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_answer_that_must_have_no_body_has_none(event: dict[str, Any], status: str) -> None:
    assert gateway_answer(event, status=status, headers=[], body=b"{}")["body"] == ""


def test_answer_beyond_the_limit_of_lambda_raises() -> None:
    with pytest.raises(AnswerTooLarge):
        answered(REST, b"x" * 6_000_000)
    with pytest.raises(AnswerTooLarge):
        answered(REST, b"\xff" * 4_500_000)
