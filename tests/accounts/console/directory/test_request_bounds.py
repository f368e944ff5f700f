"""The refusal of a request of up to 64 KB takes at most a tenth of a second of processor time.

The tests send requests to every address of the application, as a superuser with a browser session
and a bearer token. The inputs are the most expensive ones for parsers, normal forms and regular
expressions. Cognito is a stub, so that the measurement includes only this process.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from rest_framework.serializers import BaseSerializer

from accounts.models import BrowserSession, User
from api.openapi.operations import OPERATIONS
from api.wire.wsgi import TolerantHandler
from cognito.directory.records import DirectoryUser
from tests.accounts.console.conftest import Api

pytestmark = pytest.mark.django_db

# Before a request is refused, and for a page, of which the console's overview alone takes 0.06 s.
MOST_SECONDS, PAGE_SECONDS = 0.1, 0.2
SIZE = 63_000

# CPython sorts combining marks in quadratic time. This text takes 13 s.
MARKS = "a" + "\u0344" * 15_900 + "\u0316" * 15_900
TEXTS = {
    "combining marks": MARKS,
    "an address of combining marks": f"{MARKS}@example.com",
    "a domain of many labels": f"a@{'a.' * (SIZE // 2)}example.com",
    "a domain to encode": f"a@{'ü' * (SIZE // 2)}.example.com",
    "characters that grow": "\ufdfa" * (SIZE // 3),
    "spaces": f"a{' ' * SIZE}b",
    "digits": "9" * SIZE,
    "plus and digits": f"+{'1' * SIZE}",
    "hyphens": f"en{'-a1' * (SIZE // 3)}",
    "slashes": "a/" * (SIZE // 2),
    "dots": f"{'a.' * (SIZE // 2)}",
    "bidi": "\u202e\u2066" * (SIZE // 6),
}
# These are sent in the fields of every endpoint. The other texts only test additional rules.
WORST_TEXTS = ("combining marks", "an address of combining marks", "spaces", "digits")
BODIES = {
    "lists": b"[" * SIZE,
    "objects": b'{"a":' * (SIZE // 5),
    "members": json.dumps({f"m{n}": n for n in range(SIZE // 14)}).encode(),
    "one long member": json.dumps({MARKS: 1}, ensure_ascii=False).encode(),
    "a long number": b'{"limit":' + b"9" * SIZE + b"}",
    "long numbers": b'{"a":[' + b",".join([b"9" * 4300] * 14) + b"]}",
    "fractions": b'{"a":[' + b",".join([b"1e300"] * (SIZE // 6)) + b"]}",
    "escapes": b'{"email":"' + b"\\u0344" * (SIZE // 6) + b'"}',
    "half surrogates": b'{"email":"' + b"\\ud800" * (SIZE // 6) + b'"}',
    "no text": b"\xff" * SIZE,
}
HEADERS = {
    "cookie of backslashes": {"HTTP_COOKIE": 'a="' + "\\" * SIZE + '"'},
    "cookie of quotes": {"HTTP_COOKIE": 'a="' + '\\"' * (SIZE // 2) + '"'},
    "short cookies of backslashes": {
        "HTTP_COOKIE": ";".join(f'a{n}="' + "\\" * 4000 + '"' for n in range(15))
    },
    "cookies": {"HTTP_COOKIE": "a=b;" * (SIZE // 4)},
    "login cookies": {
        "HTTP_COOKIE": ";".join(
            f"gatehouse-login-{n:08}={'x' * 43}.1700000000.L2E" for n in range(SIZE // 85)
        )
    },
    "parameters of the content type": {"CONTENT_TYPE": "application/json" + ";a=b" * (SIZE // 4)},
    "quotes in the content type": {"CONTENT_TYPE": 'a/b;a="' + ';\\"' * (SIZE // 3)},
    "token of dots": {"HTTP_AUTHORIZATION": "Bearer " + "." * SIZE},
    "token of padding": {"HTTP_AUTHORIZATION": "Bearer ey" + "=" * SIZE},
    "token of spaces": {"HTTP_AUTHORIZATION": "Bearer" + " " * SIZE},
    "token": {"HTTP_AUTHORIZATION": "Bearer eyJ" + "a" * 8000 + "." + "a" * 8000 + ".a"},
    "origin": {"HTTP_ORIGIN": "https://" + "a." * (SIZE // 2)},
    "referer": {"HTTP_REFERER": "https://" + "\xa8" * SIZE},
    "host": {"HTTP_HOST": "a." * (SIZE // 2)},
    "agent": {"HTTP_USER_AGENT": "Mozilla " * (SIZE // 8)},
    "accept": {"HTTP_ACCEPT": "text/html;q=0.1," * (SIZE // 16)},
    "languages": {"HTTP_ACCEPT_LANGUAGE": "en-a1-a1;q=0.1," * (SIZE // 15)},
    "range": {"HTTP_RANGE": "bytes=" + "0-1," * (SIZE // 4)},
    "many headers": {f"HTTP_X_{n}": "v" * 10 for n in range(SIZE // 20)},
}
QUERIES = {
    "parameters": "a=b&" * (SIZE // 4),
    "words": f"q={'a+' * 4000}",
    "combining marks": f"next={quote(MARKS[:600])}&q={quote(MARKS[:600])}",
    "long values": f"limit={'9' * 2000}&since=2026-01-01T00:00:00.{'0' * 2000}&cursor={'a' * 3000}",
    "percent": "%" * 8000,
    "columns": f"o={'1.' * 4000}",
}
CSRF_TOKEN = "t" * 32
FORMS = (
    "/directory/bulk/",
    "/directory/groups/",
    "/edit/",
    "/directory/invite/",
    "/app/confirm/",
    "/set-temporary-password/",
)
FORM_FIELDS = (
    "action",
    "argument",
    "carried",
    "code",
    "description",
    "email",
    "name",
    "phone_number",
    "precedence",
    "set_up",
    "user",
)


@dataclass(frozen=True)
class Address:
    """A path of the application with a value in each of its parameters."""

    path: str
    view: Any

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")


def addresses(values: Mapping[str, str]) -> Iterator[Address]:
    def below(resolver: URLResolver, prefix: str) -> Iterator[Address]:
        for pattern in resolver.url_patterns:
            path = prefix + re.sub(
                r"<(?:\w+:)?(\w+)>", lambda one: values.get(one[1], "x"), str(pattern.pattern)
            )
            if isinstance(pattern, URLResolver):
                yield from below(pattern, path)
            elif isinstance(pattern.pattern, RoutePattern) and isinstance(pattern, URLPattern):
                yield Address(path, getattr(pattern.callback, "cls", None))

    return below(get_resolver(), "/")


def fields_of(takes: type[BaseSerializer[Any]]) -> Iterator[tuple[str, ...]]:
    """Return the path to each field of a body."""
    for name, one in getattr(takes(), "fields", {}).items():
        if hasattr(one, "fields"):
            yield from ((name, inner) for inner in one.fields)
        else:
            yield (name,)


@dataclass
class Meter:
    """Sends requests to the WSGI application, and times the processor for this thread."""

    sign_in: Callable[[], str]
    bearer: str
    addresses: list[Address]
    cookie: str = ""
    slow: dict[str, float] = field(default_factory=dict)
    _application: TolerantHandler = field(default_factory=TolerantHandler)

    def __call__(
        self, what: str, method: str, path: str, environ: Mapping[str, str], body: bytes = b""
    ) -> None:
        sent = {
            "PATH_INFO": path,
            "CONTENT_TYPE": "application/json",
            "HTTP_COOKIE": self.cookie,
            "HTTP_AUTHORIZATION": f"Bearer {self.bearer}",
            **environ,
        }
        seconds: list[float] = []
        most = MOST_SECONDS
        # The first request of a kind may load a module, and a garbage collection may interrupt it.
        while len(seconds) < 3 and (not seconds or min(seconds) > most):
            environment = RequestFactory().generic(method, "/", body).environ | sent
            took, is_page = self._send(environment)
            seconds.append(took)
            most = PAGE_SECONDS if is_page else MOST_SECONDS
        if min(seconds) > most:
            self.slow[f"{method} {path[:80]}, {what}"] = min(seconds)

    def _send(self, environ: dict[str, Any]) -> tuple[float, bool]:
        """Return the processor time, and whether the answer is a page."""
        statuses: list[str] = []

        def start_response(status: str, *_: object) -> Callable[[bytes], object]:
            statuses.append(status)
            return lambda _: None

        started_at = time.thread_time()
        answer = self._application(environ, start_response)
        took = time.thread_time() - started_at
        answer.close()
        return took, statuses[0].startswith("200")


@pytest.fixture
def meter(
    api: Api, ada: DirectoryUser, root: User, client: Client, enter: Callable[[User], None]
) -> Meter:
    def sign_in() -> str:
        BrowserSession.objects.all().delete()
        enter(root)
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        cookies[settings.CSRF_COOKIE_NAME] = CSRF_TOKEN
        return "; ".join(f"{name}={value}" for name, value in cookies.items())

    values = {
        "app_label": "accounts",
        "action_name": "set-temporary-password",
        "content_type_id": "1",
        "key": ada.username,
        "name": "readers",
        "object_id": "1",
        "pk": ada.username,
        "username": ada.username,
    }
    return Meter(sign_in, api.token, list(addresses(values)))


def test_any_body_is_handled_in_bounded_time(meter: Meter) -> None:
    tried = 0
    for address in meter.addresses:
        for method, operation in OPERATIONS.get(address.view, {}).items():
            if operation.takes is None:
                continue
            tried += 1
            for what, body in BODIES.items():
                meter(what, method.upper(), address.path, {}, body)
            for way in fields_of(operation.takes):
                for what in WORST_TEXTS:
                    value: object = TEXTS[what]
                    for step in reversed(way):
                        value = {step: value}
                    body = json.dumps(value, ensure_ascii=False).encode()
                    meter(f"{what} in {way}", method.upper(), address.path, {}, body)

    assert tried > 20
    assert meter.slow == {}


def test_any_form_is_handled_in_bounded_time(meter: Meter) -> None:
    pages = [one.path for one in meter.addresses if not one.is_api]
    forms = [path for path in pages if path.endswith(FORMS)]
    for path in forms:
        # The pages of an account end a session without tokens.
        meter.cookie = meter.sign_in()
        for name in FORM_FIELDS:
            text = MARKS[: SIZE // 6]
            form = {"csrfmiddlewaretoken": CSRF_TOKEN, name: text, "sure": "1"}
            form = {"action": "set-temporary-password"} | form
            content_type = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
            meter(name, "POST", path, content_type, urlencode(form).encode())

    assert len(forms) == len(FORMS)
    assert meter.slow == {}


def test_any_query_string_and_path_are_handled_in_bounded_time(meter: Meter) -> None:
    for address in meter.addresses:
        meter.cookie = meter.sign_in()
        for what, query in QUERIES.items():
            meter(what, "GET", address.path, {"QUERY_STRING": query})
    for what, text in TEXTS.items():
        path = text.encode().decode("latin-1")
        for prefix in ("/", "/api/v1/operators/users/", "/admin/accounts/directory/users/"):
            meter(what, "GET", f"{prefix}{path}", {})

    assert meter.slow == {}


def test_any_header_is_handled_in_bounded_time(meter: Meter) -> None:
    meter.cookie = meter.sign_in()
    paths = ["/", "/accounts/callback/", "/accounts/login/", "/admin/", "/api/v1/me", "/static/x"]
    for path in paths:
        for what, headers in HEADERS.items():
            for method in ("GET", "POST", "OPTIONS"):
                meter(what, method, path, headers)

    assert meter.slow == {}


@pytest.mark.usefixtures("root")
def test_no_redirect_repeats_a_long_address(client: Client) -> None:
    for visitor in (client, Client()):
        for path in ("/admin", "/admin/accounts/user", "/admin/accounts/user/", "/accounts/login"):
            for query in ("a" * 8000, '"' * 8000):
                answer = visitor.get(path, QUERY_STRING=f"x={query}")
                assert answer.status_code in {200, 302, 400, 414}, path
                assert len(answer.get("Location", "")) < 1000
    assert client.get("/admin/accounts/user", {"q": "ada"})["Location"].endswith("/?q=ada")
