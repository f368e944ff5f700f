"""The two builds of the example in docs/examples/spa.

One runs at another origin, as a public client with a library from npm. The other runs at the origin
of the application, and never sees a token.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from infra.local.demo import OPERATOR, USER
from tests.clients.commands import ROOT
from tests.clients.conftest import ApiSite
from tests.support.browser import new_context, sign_in

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

EXAMPLE = ROOT / "docs/examples/spa"


def configured(api_site: ApiSite) -> bytes:
    """Return config.js after a reader has followed the README."""
    stack = api_site.stack
    text = (EXAMPLE / "config.js").read_text("utf-8")
    for ours, theirs in {
        "http://localhost:8000": stack.public_url,
        "http://localhost:4567": stack.login_url,
        "the id of the public app client: see README.md": stack.pool.app_client_id,
    }.items():
        assert ours in text
        text = text.replace(ours, theirs)
    return text.encode()


@pytest.fixture
def spa(api_site: ApiSite, node_modules: Path) -> Iterator[str]:
    """Serve the example as its README says, and yield its address."""
    config = configured(api_site)

    class Files(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(EXAMPLE))

        def do_GET(self) -> None:
            if self.path != "/config.js":
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript")
            self.end_headers()
            self.wfile.write(config)
            return None

        def translate_path(self, path: str) -> str:
            name = urlsplit(path).path
            if name.startswith("/node_modules/"):
                return str(node_modules / Path(name).relative_to("/node_modules"))
            return super().translate_path(path)

        def log_message(self, *_: object) -> None:
            """Log nothing, because the addresses contain codes."""

    port = urlsplit(api_site.stack.app_url).port
    server = ThreadingHTTPServer(("127.0.0.1", port or 0), Files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield api_site.stack.app_url
    server.shutdown()
    thread.join(5)
    server.server_close()


def test_application_signs_in_edits_notes_and_signs_out(
    page: Page, spa: str, api_site: ApiSite
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(spa)
    page.get_by_role("button", name="Sign in").click()
    sign_in(page, USER.email)
    expect(page.locator("#who")).to_have_text(USER.email)
    assert page.url == f"{spa}/", "no code or state stays in the address"

    page.get_by_label("New note").fill("Written in a browser")
    page.get_by_role("button", name="Write").click()
    note = page.get_by_role("listitem").filter(has_text="Written in a browser")
    expect(note).to_be_visible()
    page.reload()
    expect(note).to_be_visible()

    page.get_by_label("New note").fill(" spaces around it ")
    page.get_by_role("button", name="Write").click()
    expect(page.get_by_role("alert")).to_contain_text("neither begins nor ends with a space")

    note.get_by_role("button", name="Delete").click()
    expect(note).to_have_count(0)

    with page.expect_response(lambda response: "/oauth2/revoke" in response.url) as revoked:
        page.get_by_role("button", name="Sign out").click()
    assert revoked.value.status == 200
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.url == f"{spa}/"
    assert page.evaluate("sessionStorage.length") == 0
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("E-mail")).to_be_visible()
    assert complaints == []


def test_page_of_an_unlisted_origin_gets_no_response(page: Page, api_site: ApiSite) -> None:
    page.goto(api_site.stack.login_url + "/mailbox")
    outcome = page.evaluate(
        """(address) => fetch(address, { headers: { Authorization: "Bearer x" } })
             .then((response) => `answered ${response.status}`, (error) => error.name)""",
        api_site.url("/api/v1/notes"),
    )
    assert outcome == "TypeError"


OWN_PAGE = "/static/examples/spa/own-pages/index.html"


def is_token(text: str) -> bool:
    """Return whether a text contains a JWT, or the name of a token."""
    return "eyJ" in text or "access_token" in text or "refresh_token" in text


def open_signed_in(page: Page, api_site: ApiSite) -> None:
    page.goto(api_site.url(OWN_PAGE))
    page.get_by_role("button", name="Sign in").click()
    sign_in(page, USER.email)
    expect(page.locator("#who")).to_have_text(USER.email)


def test_application_without_tokens_edits_notes_and_signs_out(
    page: Page, api_site: ApiSite
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 # as Playwright needs
    open_signed_in(page, api_site)
    assert page.url == api_site.url(OWN_PAGE), "the sign-in returns to the page"

    page.get_by_label("New note").fill("Written without a token")
    page.get_by_role("button", name="Write").click()
    note = page.get_by_role("listitem").filter(has_text="Written without a token")
    expect(note).to_be_visible()
    answers.clear()
    page.reload()
    expect(note).to_be_visible()
    page.get_by_label("New note").fill(" spaces around it ")
    page.get_by_role("button", name="Write").click()
    expect(page.get_by_role("alert")).to_contain_text("neither begins nor ends with a space")
    note.get_by_role("button", name="Delete").click()
    expect(note).to_have_count(0)

    assert len(answers) > 8
    assert not any(is_token(one.text()) for one in answers if one.status != 204)
    assert not any("authorization" in one.request.all_headers() for one in answers)
    assert page.evaluate("[sessionStorage.length, localStorage.length, document.cookie]") == [
        0, 0, "",
    ]  # fmt: skip

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/logged-out/")
    page.goto(api_site.url(OWN_PAGE))
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert complaints == []


def test_application_keeps_the_text_of_a_user_whose_session_was_ended_elsewhere(
    page: Page, chromium: Browser, api_site: ApiSite
) -> None:
    open_signed_in(page, api_site)
    page.get_by_label("New note").fill("A long thought")
    with new_context(chromium) as elsewhere:
        other = elsewhere.new_page()
        other.goto(api_site.url("/accounts/login/?next=/accounts/profile/devices/"))
        sign_in(other, USER.email)
        other.get_by_role("button", name="Sign out everywhere").click()
        other.wait_for_url("**/accounts/logged-out/")
    page.get_by_role("button", name="Write").click()
    expect(page.get_by_role("alert")).to_have_text("Your session has ended. Sign in again.")
    expect(page.get_by_label("New note")).to_have_value("A long thought")
    # The hosted UI still knows the user in this browser. That does not begin a session here.
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This sign-in was ended")
    page.get_by_role("link", name="Start again").click()
    page.wait_for_url("**/accounts/logged-out/")
    open_signed_in(page, api_site)


def test_open_page_does_not_write_for_the_next_user(page: Page, api_site: ApiSite) -> None:
    open_signed_in(page, api_site)
    page.get_by_label("New note").fill("Of the first user")
    other = page.context.new_page()
    other.goto(api_site.url("/accounts/profile/"))
    other.locator("header").get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/accounts/logged-out/")
    other.goto(api_site.url("/accounts/login/?next=/accounts/profile/"))
    sign_in(other, OPERATOR.email)
    expect(other.get_by_role("heading", level=1)).to_have_text("Your profile")
    page.get_by_role("button", name="Write").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "The CSRF token is missing or no longer valid"
    )
    page.reload()
    expect(page.locator("#who")).to_have_text(OPERATOR.email)
    expect(page.get_by_role("listitem")).to_have_count(0)
