"""The guard in front of an application that counts the requests that it receives."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from local_cognito.aws.guard import Guard, Message, Receive, Scope, Send

HOST = ("Host", "localhost:4566")
API = "12345678.execute-api.localhost"
Headers = list[tuple[str, str]]


@dataclass
class Aws:
    """An application that allows every origin, as MiniStack does."""

    reached: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        self.reached.append(scope["path"])
        headers = [(b"Access-Control-Allow-Origin", b"*"), (b"x-amzn-requestid", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


@dataclass(frozen=True)
class Answer:
    messages: list[Message]
    reached: list[str]

    @property
    def status(self) -> int:
        status: int = self.messages[0]["status"]
        return status

    def header(self, name: str) -> str:
        """Return the value of a header that occurs once."""
        headers: list[tuple[bytes, bytes]] = self.messages[0]["headers"]
        [value] = [value for other, value in headers if other.decode().lower() == name]
        return value.decode()

    @property
    def header_names(self) -> list[str]:
        return [name.decode().lower() for name, _ in self.messages[0]["headers"]]


async def never_read() -> Message:
    raise AssertionError("The guard decides before it reads anything.")


def ask(
    headers: Headers,
    *,
    kind: str = "http",
    method: str = "POST",
    path: str = "/",
    query: bytes = b"",
    scheme: str = "http",
    ports: frozenset[int] = frozenset({4566}),
) -> Answer:
    aws, messages = Aws(), []
    guard = Guard(
        aws,
        ports=ports,
        is_api_host=lambda name: name in {API, "app.localhost"},
        is_public_operation=lambda name: name == "SignUp",
    )

    async def send(message: Message) -> None:
        messages.append(message)

    scope = {
        "type": kind,
        "path": path,
        "query_string": query,
        "scheme": scheme,
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
    }
    if kind == "http":
        scope["method"] = method
    asyncio.run(guard(scope, never_read, send))
    return Answer(messages, aws.reached)


@pytest.mark.parametrize(
    "headers",
    [
        [HOST],
        [("Host", "127.0.0.1:4566"), ("X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp")],
        [("Host", "bucket.localhost:4566")],
        [HOST, ("User-Agent", "Boto3/1.40.0 md/Botocore#1.40.0")],
    ],
)
def test_programs_of_this_machine_reach_aws(headers: Headers) -> None:
    assert ask(headers).reached == ["/"]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [HOST, HOST],
        [HOST, ("Host", "evil.example:4566")],
        [("Host", "evil.example:4566")],
        [("Host", "evil.example")],
        [("Host", "localhost")],
        [("Host", "localhost:4567")],
        [HOST, ("Origin", "http://evil.example")],
        [HOST, ("Origin", "null")],
        [HOST, ("Origin", "")],
        [HOST, ("Origin", "http://localhost:4566")],
        [HOST, ("ORIGIN", "http://localhost:3000")],
        [HOST, ("Origin", "a"), ("Origin", "b")],
        [HOST, ("Sec-Fetch-Site", "cross-site")],
        [HOST, ("Sec-Fetch-Site", "same-site")],
        [HOST, ("Sec-Fetch-Site", "same-origin")],
        [HOST, ("Sec-Fetch-Site", "")],
        [HOST, ("Sec-Fetch-Site", "none"), ("Sec-Fetch-Site", "cross-site")],
        [HOST, ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")],
        [HOST, ("Referer", "http://evil.example/")],
        # A browser that does not support Sec-Fetch-Site, or does not send it to this machine.
        [HOST, ("User-Agent", "Mozilla/5.0 (Macintosh) Safari/605.1.15")],
        # An API that does not exist, and one at another port.
        [("Host", "87654321.execute-api.localhost:4566"), ("Origin", "http://evil.example")],
        [("Host", f"{API}:4567"), ("Origin", "http://evil.example")],
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
def test_requests_of_web_pages_are_refused_unread(headers: Headers, method: str) -> None:
    answer = ask(headers, method=method)
    assert answer.status == 403
    assert answer.reached == []
    assert not [name for name in answer.header_names if name.startswith("access-control")]
    assert bool(answer.messages[1]["body"]) is (method != "HEAD")


def test_typed_address_can_be_read_but_triggers_no_action() -> None:
    """A page that the user visits by typing its address can redirect the browser to MiniStack."""
    typed = [HOST, ("User-Agent", "Mozilla/5.0"), ("Sec-Fetch-Site", "none")]
    assert ask(typed, method="GET", path="/_ministack/health").reached == ["/_ministack/health"]
    assert ask(typed, method="GET", query=b"Action=CreateStack").status == 403
    assert ask(typed, method="POST").status == 403


@pytest.mark.parametrize(
    "host",
    [
        *("localhost.:4566", "127.0.0.1.:4566", "[::1]:4566", "0.0.0.0:4566", "127.1:4566"),
        *("localhost:", "localhost:04566", "localhost:4566:4566", "localhost:4566@evil.example"),
        *("localhost:4566, evil.example", "evil.example#.localhost:4566", "..localhost:4566"),
    ],
)
def test_other_spellings_of_a_host_are_refused(host: str) -> None:
    assert ask([("Host", host)]).status == 403


@pytest.mark.parametrize("host", ["localhost:4566", "evil.example:4566", f"{API}:4566"])
def test_web_sockets_of_pages_are_refused(host: str) -> None:
    headers = [("Host", host), ("Origin", "http://evil.example")]
    answer = ask(headers, kind="websocket", scheme="ws")
    assert answer.messages == [{"type": "websocket.close", "code": 1008}]
    assert answer.reached == []


def test_web_sockets_of_programs_reach_aws() -> None:
    assert ask([HOST], kind="websocket", scheme="ws").reached == ["/"]


def test_no_origin_is_allowed_to_read_an_answer() -> None:
    assert ask([HOST]).header_names == ["x-amzn-requestid"]


def test_tls_is_known_by_its_default_port() -> None:
    both = frozenset({4566, 443})
    assert ask([("Host", "localhost")], scheme="https", ports=both).reached
    assert not ask([("Host", "localhost")], scheme="http", ports=both).reached


@pytest.mark.parametrize("host", [f"{API}:4566", f"{API.upper()}:4566", "app.localhost:4566"])
def test_deployed_api_is_public_as_on_aws(host: str) -> None:
    headers = [("Host", host), ("Origin", "https://app.example"), ("Sec-Fetch-Site", "cross-site")]
    answer = ask(headers, path="/dev/")
    assert answer.reached == ["/dev/"]
    assert "access-control-allow-origin" in answer.header_names, "the API's own CORS stays"


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/rds/iam-auth"])
def test_host_of_an_api_gives_no_access_to_ministack_itself(path: str) -> None:
    answer = ask([("Host", "app.localhost:4566")], path=path)
    assert answer.status == 403
    assert answer.reached == []


APP = ("Origin", "http://localhost:3000")
SIGN_UP = ("X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp")
PREFLIGHT = ("Access-Control-Request-Headers", "content-type,x-amz-target")


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "http://127.0.0.1:5173", "https://app.localhost"]
)
def test_app_of_this_machine_calls_operations_that_need_no_credentials(origin: str) -> None:
    page = [HOST, ("Origin", origin), ("Sec-Fetch-Site", "same-site"), ("Referer", f"{origin}/")]
    allowed = ask([*page, PREFLIGHT], method="OPTIONS")
    assert (allowed.status, allowed.reached) == (204, [])
    assert allowed.header("access-control-allow-origin") == origin
    assert allowed.header("access-control-allow-headers") == "*"
    answer = ask([*page, SIGN_UP])
    assert answer.reached == ["/"]
    assert answer.header("access-control-allow-origin") == origin
    assert answer.header("vary") == "Origin"


@pytest.mark.parametrize(
    ("headers", "request_line"),
    [
        ([HOST, ("Origin", "http://evil.example"), SIGN_UP], {}),
        ([HOST, ("Origin", "http://localhost.evil.example"), SIGN_UP], {}),
        ([HOST, ("Origin", "null"), SIGN_UP], {}),
        ([HOST, ("Origin", "http://localhost:3000/"), SIGN_UP], {}),
        ([HOST, APP, APP, SIGN_UP], {}),
        ([HOST, APP, SIGN_UP, SIGN_UP], {}),
        ([HOST, APP, SIGN_UP, ("Authorization", "AWS4-HMAC-SHA256 ...")], {}),
        ([HOST, APP, ("X-Amz-Target", "SignUp")], {}),
        ([HOST, APP, ("X-Amz-Target", "DynamoDB_20120810.SignUp")], {}),
        ([HOST, APP, ("X-Amz-Target", f"{SIGN_UP[1]}.")], {}),
        ([HOST, APP, ("X-Amz-Target", "AWSCognitoIdentityProviderService.AdminGetUser")], {}),
        ([HOST, APP, SIGN_UP], {"path": "/_ministack/reset"}),
        ([HOST, APP, SIGN_UP], {"query": b"Action=CreateStack"}),
        ([HOST, APP, SIGN_UP], {"method": "GET"}),
        ([("Host", "bucket.localhost:4566"), APP, SIGN_UP], {}),
        ([HOST, ("Origin", "http://evil.example"), PREFLIGHT], {"method": "OPTIONS"}),
        ([HOST, APP, PREFLIGHT], {"method": "POST"}),
    ],
)
def test_nothing_else_is_open_to_apps(headers: Headers, request_line: dict[str, Any]) -> None:
    answer = ask(headers, **request_line)
    assert (answer.status, answer.reached) == (403, [])


def test_start_and_stop_are_passed_on_to_the_application() -> None:
    seen = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def send(message: Message) -> None:
        raise AssertionError(message)

    guard = Guard(application, ports={4566}, is_api_host=bool, is_public_operation=bool)
    asyncio.run(guard({"type": "lifespan"}, never_read, send))
    assert seen == ["lifespan"]
