"""The example in docs/examples/spa: another origin, a public client, a library from npm."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from infra.local.demo import USER
from tests.clients.commands import ROOT
from tests.clients.conftest import ApiSite
from tests.support.browser import sign_in

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
    expect(page.get_by_label("Password")).to_be_visible()
    assert complaints == []


def test_page_of_an_unlisted_origin_gets_no_response(page: Page, api_site: ApiSite) -> None:
    page.goto(api_site.stack.login_url + "/mailbox")
    outcome = page.evaluate(
        """(address) => fetch(address, { headers: { Authorization: "Bearer x" } })
             .then((response) => `answered ${response.status}`, (error) => error.name)""",
        api_site.url("/api/v1/notes"),
    )
    assert outcome == "TypeError"
