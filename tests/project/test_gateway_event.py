"""Events as API Gateway, function URLs and load balancers make them, and the answers they take."""

from __future__ import annotations

import base64
import copy
from typing import Any

import pytest

from project.gateway_event import AnswerTooLarge, UnreadableEvent, gateway_answer, wsgi_environ

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

EVENTS = pytest.mark.parametrize(
    "event", [REST, HTTP, BALANCER], ids=["REST API", "HTTP API", "load balancer"]
)


def made(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return copy.deepcopy(event) | changes


@EVENTS
def test_an_event_becomes_a_request(event: dict[str, Any]) -> None:
    environ = wsgi_environ(event, prefix="/dev")
    assert environ["REQUEST_METHOD"] == "GET"
    assert environ["SCRIPT_NAME"] == "/dev"
    assert environ["PATH_INFO"] == "/api/v1/me"
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["wsgi.input"].read() == b""


@EVENTS
def test_the_address_is_the_one_that_the_gateway_saw(event: dict[str, Any]) -> None:
    assert wsgi_environ(event, prefix="")["REMOTE_ADDR"] == "203.0.113.9"


def test_a_prefix_is_taken_off_whole_segments_only() -> None:
    for path, rest in {
        "/dev": "/",
        "/dev/": "/",
        "/dev/x": "/x",
        "/development/": "/development/",
        "/api/dev/": "/api/dev/",
    }.items():
        assert wsgi_environ(made(HTTP, rawPath=path), prefix="/dev")["PATH_INFO"] == rest


def test_a_path_is_not_decoded_again() -> None:
    for path in ("/%61dmin/", "/%2561dmin/", "/api/%2e%2e/admin/", "//admin/"):
        assert wsgi_environ(made(REST, path=path), prefix="")["PATH_INFO"] == path
        assert wsgi_environ(made(HTTP, rawPath=path), prefix="")["PATH_INFO"] == path


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


def test_a_scheme_sent_twice_is_not_https() -> None:
    twice = {"X-Forwarded-Proto": ["https"], "x-forwarded-proto": ["http"]}
    environ = wsgi_environ(made(REST, multiValueHeaders=twice), prefix="")
    assert environ["wsgi.url_scheme"] == "http"


def test_a_second_authorization_is_seen_however_it_is_spelt() -> None:
    for headers in (
        {"Authorization": ["Bearer a", "Bearer b"]},
        {"Authorization": ["Bearer a"], "authorization": ["Bearer b"]},
    ):
        environ = wsgi_environ(made(REST, multiValueHeaders=headers), prefix="")
        assert environ["HTTP_AUTHORIZATION"] == "Bearer a, Bearer b"


def test_repeated_parameters_stay_apart() -> None:
    several = {"code": ["a,b", "c"], "state": ["x y"]}
    rest = wsgi_environ(made(REST, multiValueQueryStringParameters=several), prefix="")
    assert rest["QUERY_STRING"] == "code=a%2Cb&code=c&state=x+y"
    http = wsgi_environ(made(HTTP, rawQueryString="code=a%2Cb&code=c"), prefix="")
    assert http["QUERY_STRING"] == "code=a%2Cb&code=c"


def test_a_load_balancer_leaves_parameters_encoded() -> None:
    event = made(BALANCER, queryStringParameters={"next": "%2Fadmin%2F"})
    assert wsgi_environ(event, prefix="")["QUERY_STRING"] == "next=%2Fadmin%2F"


def test_several_cookies_come_as_one_header() -> None:
    rest = made(REST, multiValueHeaders={"Cookie": ["a=1", "b=2"]})
    http = made(HTTP, cookies=["a=1", "b=2"])
    for event in (rest, http):
        assert wsgi_environ(event, prefix="")["HTTP_COOKIE"] == "a=1; b=2"


@EVENTS
def test_a_body_is_taken_as_text_and_as_base64(event: dict[str, Any]) -> None:
    body = '{"name": "Zoë"}'
    encoded = base64.b64encode(body.encode()).decode()
    for changes in ({"body": body}, {"body": encoded, "isBase64Encoded": True}):
        environ = wsgi_environ(made(event, **changes), prefix="")
        assert environ["wsgi.input"].read() == body.encode()
        assert environ["CONTENT_LENGTH"] == str(len(body.encode()))


def test_a_body_that_is_no_base64_is_refused() -> None:
    with pytest.raises(UnreadableEvent):
        wsgi_environ(made(REST, body="***", isBase64Encoded=True), prefix="")


def test_content_type_and_length_are_no_headers_in_wsgi() -> None:
    headers = {"content-type": "application/json", "content-length": "999"}
    environ = wsgi_environ(made(HTTP, headers=headers, body="{}"), prefix="")
    assert environ["CONTENT_TYPE"] == "application/json"
    assert environ["CONTENT_LENGTH"] == "2"
    assert not {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"} & environ.keys()


def test_odd_characters_raise_nothing() -> None:
    odd = "/\ud800\u0000é"
    environ = wsgi_environ(
        made(REST, path=odd, body=odd, multiValueQueryStringParameters={odd: [odd]}), prefix=""
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


def test_an_answer_that_lambda_would_not_pass_on_is_said_so() -> None:
    with pytest.raises(AnswerTooLarge):
        answered(REST, b"x" * 6_000_000)
    with pytest.raises(AnswerTooLarge):
        answered(REST, b"\xff" * 4_500_000)
