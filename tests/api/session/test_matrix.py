"""Every combination of what a request with the session cookie can say about itself.

The verdict is derived from the contract: a bearer decides alone; the cookie counts if
`Sec-Fetch-Site` or `Origin` proves the same origin and neither contradicts; an unsafe method needs
JSON and the CSRF token.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import BrowserSession
from accounts.rate_limits.counters import Limit
from api.notes import views
from tests.api.session.conftest import NOTES, OwnPage
from tests.support.answers import body_of
from tests.support.provider.fixtures import NewBrowser
from tests.support.tokens import tokens_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keys")]

OWN = "http://localhost:8000"
LISTED = "https://spa.example.com"
MISSING = f"{NOTES}/0b6ed9f2-6f0c-4c43-8f5a-3f2a1c9a7d10"
PATHS = {"GET": NOTES, "HEAD": NOTES, "POST": NOTES, "PATCH": MISSING, "DELETE": MISSING}
# The status when the view is reached.
REACHED = {"GET": 200, "HEAD": 200, "POST": 201, "PATCH": 404, "DELETE": 404}

SITES = [None, "same-origin", "same-site", "cross-site", "none", "Same-Origin", "same-origin, none"]
ORIGINS = [
    None, OWN, "null", LISTED, "http://a.localhost:8000", "http://localhost:8001",
    "https://localhost:8000", "http://LOCALHOST:8000", "http://localhost:8000/", f"{OWN}, {OWN}",
    "http://localhost:8000.evil.example", "",
]  # fmt: skip
JSON = "application/json"
CONTENT_TYPES = [
    JSON, "application/json; charset=utf-8", "APPLICATION/JSON", "text/plain",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp",
    "text/plain; application/json", "",
]  # fmt: skip
CSRF_TOKENS = ["good", "missing", "another browser's", "garbage", "in the body"]
BEARERS = [None, "good", "bad", "Basic eDp5", ""]
COOKIES = ["live", "ended", "malformed", "missing"]


@dataclass(frozen=True)
class Case:
    method: str = "GET"
    site: str | None = "same-origin"
    origin: str | None = None
    content_type: str = JSON
    csrf: str = "good"
    bearer: str | None = None
    cookie: str = "live"

    def expected(self) -> int:
        """Return the status that the contract demands."""
        return self._of_a_page() if self.bearer is None else self._of_a_bearer()

    def _of_a_bearer(self) -> int:
        if self.bearer != "good":
            return 401
        if self.method == "POST" and not self._is_json():
            return 415
        return 400 if self.method == "POST" and self.csrf == "in the body" else REACHED[self.method]

    def _of_a_page(self) -> int:
        proves = self.site == "same-origin" or self.origin == OWN
        contradicts = self.site not in {None, "same-origin"} or self.origin not in {None, OWN}
        if not proves or contradicts or self.cookie in {"malformed", "missing"}:
            return 401
        is_unsafe = self.method not in {"GET", "HEAD"}
        if is_unsafe and not self._is_json():
            return 415
        if is_unsafe and self.csrf != "good":
            return 403
        return 410 if self.cookie == "ended" else REACHED[self.method]

    def _is_json(self) -> bool:
        return self.content_type.partition(";")[0].lower() == JSON


@dataclass
class Requests:
    """Sends the requests of one signed-in browser, one whose session has ended, and others."""

    cookies: dict[str, str]
    csrf: dict[str, str]
    bearers: dict[str, str]

    def wrong(self, cases: Iterable[Case]) -> list[tuple[int, Case]]:
        """Return the cases that got another status than the contract demands."""
        answered = [(self.status_of(case), case) for case in cases]
        return [(status, case) for status, case in answered if status != case.expected()]

    def status_of(self, case: Case) -> int:
        headers = {
            "Sec-Fetch-Site": case.site,
            "Origin": case.origin,
            "X-CSRFToken": self.csrf.get(case.csrf),
            "Authorization": None if case.bearer is None else self.bearers[case.bearer],
        }
        extra = {
            f"HTTP_{name.upper().replace('-', '_')}": value
            for name, value in headers.items()
            if value is not None
        }
        body = b'{"title": "Tea"}'
        if case.csrf == "in the body":
            body = f"csrfmiddlewaretoken={self.csrf['good']}".encode()
        response = Client(enforce_csrf_checks=True, raise_request_exception=False).generic(
            case.method,
            PATHS[case.method],
            b"" if case.method in {"GET", "HEAD"} else body,
            case.content_type,
            HTTP_COOKIE=self.cookies[case.cookie],
            **extra,  # type: ignore[arg-type] # the type stubs want the other parameters
        )
        assert "Access-Control-Allow-Credentials" not in response
        assert response["Cache-Control"] == "no-store"
        if response.status_code in {401, 410} and case.method != "HEAD":
            is_visitor = case.bearer in {None, ""}
            assert ("sign_in_url" in body_of(response)) == is_visitor, case  # type: ignore[arg-type] # as above
        return response.status_code


@pytest.fixture
def requests(
    ada: OwnPage, new_browser: NewBrowser, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Requests:
    settings.CORS_ALLOWED_ORIGINS = (LISTED,)
    monkeypatch.setattr(views, "WRITES", Limit(10**6, 300))
    monkeypatch.setattr(views, "MAX_NOTES", 10**6)
    ended = OwnPage(new_browser(enforce_csrf_checks=True).signed_in(ada.browser.provider.person))
    ada.opened()
    ended.opened()
    BrowserSession.objects.latest("signed_in_at").delete()
    assert BrowserSession.objects.count() == 1
    assert ended().status_code == 410
    csrf_cookie = f"gatehouse-csrf={ada.browser.cookies['gatehouse-csrf'].value}"
    return Requests(
        cookies={
            "live": f"{csrf_cookie}; gatehouse-session={ada.browser.session.session_key}",
            "ended": f"{csrf_cookie}; gatehouse-session={'0' * 32}",
            "malformed": f"{csrf_cookie}; gatehouse-session=x",
            "missing": csrf_cookie,
        },
        csrf={
            "good": ada.csrf_token,
            "another browser's": ended.csrf_token,
            "garbage": "x" * 64,
        },
        bearers={
            "good": f"Bearer {tokens_of('another-user').access(scope='openid')}",
            "bad": "Bearer x",
            "Basic eDp5": "Basic eDp5",
            "": "",
        },
    )


@pytest.mark.parametrize("method", REACHED)
def test_cookie_counts_only_with_proof_of_the_same_origin(requests: Requests, method: str) -> None:
    cases = [Case(method, site, origin) for site, origin in product(SITES, ORIGINS)]
    assert sum(case.expected() == REACHED[method] for case in cases) == 3
    assert requests.wrong(cases) == []


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_unsafe_method_needs_json_and_the_csrf_token(requests: Requests, method: str) -> None:
    cases = [
        Case(method, origin=origin, content_type=content_type, csrf=csrf)
        for origin, content_type, csrf in product((None, OWN), CONTENT_TYPES, CSRF_TOKENS)
    ]
    assert sum(case.expected() == REACHED[method] for case in cases) == 6
    assert requests.wrong(cases) == []


@pytest.mark.parametrize("method", REACHED)
def test_authorization_header_decides_alone(requests: Requests, method: str) -> None:
    cases = [
        Case(method, site, bearer=bearer, cookie=cookie, csrf=csrf)
        for site, bearer, cookie, csrf in product(
            ("same-origin", "cross-site"), BEARERS, COOKIES, ("good", "missing")
        )
    ]
    assert requests.wrong(cases) == []


def test_random_combinations_get_the_verdict_of_the_contract(requests: Requests) -> None:
    every = [list(REACHED), SITES, ORIGINS, CONTENT_TYPES, CSRF_TOKENS, BEARERS, COOKIES]
    choose = random.Random(20261128)  # the same cases in every run
    cases = [Case(*(choose.choice(values) for values in every)) for _ in range(600)]  # type: ignore[arg-type] # the lists differ in type
    assert requests.wrong(cases) == []
