"""Behaviour that all pages share."""

from __future__ import annotations

import re

import pytest
from werkzeug.wrappers import Request, Response

from infra.local.ministack import MiniStack
from infra.local.pool import Pool, provision_pool
from local_cognito.login.application import ENDPOINTS, ENTRANCES, MAXIMUM_FORM_BYTES, PAGES, STATIC
from local_cognito.login.context import Login
from tests.local_cognito.login.conftest import BASE, Browser, answer_in, browser_at

pytestmark = pytest.mark.ministack

FORMS = [path for path, views in PAGES.items() if "POST" in views]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4567", "localhost", "localhost:80"])
def test_other_names_of_this_machine_are_refused(browser: Browser, host: str) -> None:
    answer = browser.client.get(browser.url("/login"), base_url=f"http://{host}")
    assert answer.status_code == 400
    assert "<form" not in answer.text


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site", "Origin": BASE},
    ],
)
def test_forms_of_other_sites_are_refused(
    browser: Browser, path: str, headers: dict[str, str]
) -> None:
    answer = browser.posts(browser.url(path), headers, username="x", password="y", email="z")
    assert answer.status_code == 403
    assert "Another site sent this request" in answer.text


VISIT = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
# A page of another origin can have a browser send these without a form: an image, a `no-cors`
# request, a WebSocket, a frame, a `fetch` with its preflight.
FROM_OTHER_PAGES = [
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"},
    {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "websocket",
        "Origin": "http://evil.example",
    },
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Origin": "http://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Origin": "http://localhost:5000"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("path", [*PAGES, *ENDPOINTS, *STATIC])
@pytest.mark.parametrize("headers", FROM_OTHER_PAGES)
def test_requests_of_other_pages_reach_no_view(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, path: str, headers: dict[str, str]
) -> None:
    reached: list[str] = []

    def view(login: Login, request: Request) -> Response:
        reached.append(request.path)
        return Response()

    methods = ("GET", "POST")
    for views in (PAGES, ENDPOINTS):
        for name in views:
            monkeypatch.setitem(views, name, dict.fromkeys(methods, view))
    client = browser_at(browser.aws, browser.pool).client
    path = path.replace("{pool}", browser.pool.user_pool_id)
    for method in (*methods, "OPTIONS", "HEAD"):
        answer = client.open(path, method=method, headers=headers, base_url=BASE)
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert reached == []


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", "none"])
def test_apps_and_links_may_open_the_entrance_pages(browser: Browser, site: str) -> None:
    for path in ENTRANCES - {"/logout"}:
        url = browser.url(path)
        headers = {**VISIT, "Sec-Fetch-Site": site}
        assert browser.client.get(url, headers=headers, base_url=BASE).status_code in {200, 302}


@pytest.mark.parametrize("path", ["/mailbox", "/confirmUser", "/confirmForgotPassword"])
def test_links_of_other_sites_may_open_no_other_page(browser: Browser, path: str) -> None:
    url, here = browser.url(path), {**VISIT, "Sec-Fetch-Site": "same-origin"}
    there = {**VISIT, "Sec-Fetch-Site": "cross-site"}
    assert browser.client.get(url, headers=here, base_url=BASE).status_code == 200
    assert browser.client.get(url, headers=there, base_url=BASE).status_code == 403


def test_app_on_this_machine_may_use_a_hidden_frame(browser: Browser) -> None:
    headers = {
        "Sec-Fetch-Site": "same-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "iframe",
    }
    url = browser.url("/oauth2/authorize", prompt="none")
    answer = browser.client.get(url, headers=headers, base_url=BASE)
    assert answer_in(answer)["error"] == "login_required"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": BASE}, {}])
def test_forms_of_the_hosted_ui_are_accepted(browser: Browser, headers: dict[str, str]) -> None:
    answer = browser.posts(
        browser.url("/login"), headers, username="user@example.com", password="Example-demo-1"
    )
    assert "code" in answer_in(answer)


def test_pages_cannot_be_framed_and_their_forms_lead_only_to_the_app(
    browser: Browser,
) -> None:
    answer = browser.asks("/login")
    policy = answer.headers["Content-Security-Policy"]
    assert "form-action 'self' http://localhost:3000;" in policy
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self' data:;")
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", [path for path, views in PAGES.items() if "GET" in views])
def test_parameters_of_the_address_are_escaped(browser: Browser, path: str) -> None:
    hostile = "\"'><script>alert(1)</script>{title}%s"
    answer = browser.asks(path, login_hint=hostile, state=hostile, notice=hostile, lang=hostile)
    assert answer.status_code in {200, 302}
    assert "<script>" not in answer.text


def test_text_of_an_email_is_escaped(
    browser: Browser, shared_ministack: MiniStack, pool: Pool
) -> None:
    cognito = shared_ministack.cognito()
    cognito.admin_create_user(
        UserPoolId=pool.user_pool_id,
        Username="mailed@example.com",
        TemporaryPassword="<script>alert('http://localhost:1/x?a=1&b=2')</script>",
        UserAttributes=[{"Name": "email", "Value": "mailed@example.com"}],
        DesiredDeliveryMediums=["EMAIL"],
    )
    cognito.admin_delete_user(UserPoolId=pool.user_pool_id, Username="mailed@example.com")
    text = browser.client.get("/mailbox", base_url=BASE).text
    assert "mailed@example.com" in text
    assert "alert(&#39;" in text
    assert "<script>" not in text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/resendcode", 405),
        ("DELETE", "/login", 405),
        ("GET", "/oauth2/token", 405),
        ("GET", "/static/../application.py", 404),
        ("HEAD", "/mailbox", 200),
    ],
)
def test_unknown_path_has_an_error_page(
    browser: Browser, method: str, path: str, status: int
) -> None:
    answer = browser.client.open(path, method=method, base_url=BASE)
    assert answer.status_code == status


def test_size_of_a_form_is_limited(browser: Browser) -> None:
    answer = browser.posts(browser.url("/login"), username="x" * (MAXIMUM_FORM_BYTES + 1))
    assert answer.status_code == 413


def test_every_page_says_that_it_is_a_stand_in(browser: Browser) -> None:
    redirects = {"/oauth2/authorize", "/logout", "/passkeys/add", "/passkeys/offer"}
    paths = [path for path in PAGES if path not in redirects]
    for path in [*paths, "/nowhere"]:
        assert re.search("A stand-in for Amazon Cognito", browser.asks(path).text), path


def test_unknown_challenge_shows_the_sign_in_page(browser: Browser) -> None:
    answer = browser.posts(browser.url("/login"), challenge="unknown", code="123456")
    assert answer.status_code == 400
    assert "Sign in again." in answer.text


def test_deleted_pool_and_stopped_aws_are_reported() -> None:
    with MiniStack.started() as aws:
        own = provision_pool(aws, public_url="http://localhost:8000")
        browser = browser_at(aws, own)
        assert browser.asks("/login").status_code == 200
        aws.reset()
        gone = browser.asks("/login")
        assert gone.status_code == 400
        assert "does not exist in this user pool" in gone.text
    for path in ("/login", "/mailbox"):
        stopped = browser.asks(path)
        assert stopped.status_code == 502
        assert "make run" in stopped.text


def test_unexpected_error_has_a_page_and_its_place_in_the_log(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def mistaken(login: Login, request: Request) -> Response:
        raise ValueError(f"the password for {login} and {request}")

    monkeypatch.setitem(PAGES, "/mailbox", {"GET": mistaken})
    answer = browser.client.get("/mailbox", base_url=BASE)
    assert answer.status_code == 500
    assert "Its log names the place." in answer.text
    assert "GET /mailbox failed: ValueError" in caplog.text
    assert "in mistaken" in caplog.text
    assert "the password for <" not in caplog.text + answer.text
    assert "Login(" not in caplog.text
