"""Other pages in the browser of a signed-in user cannot use the user's session in the API.

The attackers' pages are on another site, on a sibling subdomain, and on another port of the same
host. Browsers send the session cookie with requests of the last two, because they are the same
site. In addition, the sibling may call the API with tokens (CORS_ALLOWED_ORIGINS).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from infra.local.demo import DEMO_PASSWORD, OPERATOR, USER, ensure_demo_users
from infra.local.login_process import login_server
from infra.local.ministack import MiniStack
from infra.local.pool import provision_pool
from infra.local.ports import LOOPBACK, free_port
from tests.e2e.conftest import DEPLOYED
from tests.support.application import Stack, directory_of_run, running_application
from tests.support.browser import FOREIGN_NAME, new_context, sign_in

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

HOST = "app.gate.localhost"
SIBLING = "other.gate.localhost"
ATTACKERS = [FOREIGN_NAME, SIBLING, HOST]
COOKIE = "gatehouse-session"


class Handler(BaseHTTPRequestHandler):
    cookies_of_probes: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if self.path == "/probe":
            self.cookies_of_probes.append(self.headers.get("Cookie", ""))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Any page</title><body>Any page</body>")

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def page_port() -> Iterator[int]:
    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def origin(page_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a Gatehouse on a subdomain, and yield its origin."""
    port, login_port = free_port(), free_port()
    public_url = f"http://{HOST}:{port}"
    directory: Path = tmp_path_factory.mktemp("subdomain")
    with MiniStack.started() as aws:
        pool = provision_pool(aws, public_url=public_url)
        ensure_demo_users(aws, pool)
        log = directory / "login.log"
        with login_server(aws, pool, port=login_port, log=log):
            login_url = f"http://localhost:{login_port}"
            run = directory_of_run(tmp_path_factory)
            stack = Stack(aws, pool, port, login_url, log, "http://localhost:3000", run)
            changes = {
                "PUBLIC_URL": public_url,
                "CORS_ALLOWED_ORIGINS": f"http://{SIBLING}:{page_port}",
            }
            with running_application(stack, directory, **DEPLOYED | changes):
                yield public_url


@dataclass
class Victim:
    """A signed-in user, whose browser also opens pages of an attacker."""

    context: BrowserContext
    page: Page
    csrf_token: str
    note_id: str

    def titles(self) -> list[str]:
        titles: list[str] = self.page.evaluate(
            """() => fetch("/api/v1/notes").then((answer) => answer.json())
                 .then((list) => list.results.map((note) => note.title))"""
        )
        return titles


# Requests of the page itself show that the session works, so that a refusal has another reason.
OPEN = """
async () => {
  const session = await (await fetch("/api/v1/session")).json();
  const headers = { "Content-Type": "application/json", "X-CSRFToken": session.csrf_token };
  const body = JSON.stringify({ title: "of the user" });
  const note = await (await fetch("/api/v1/notes", { method: "POST", headers, body })).json();
  return [session.csrf_token, note.id];
}
"""


@pytest.fixture(scope="module")
def victim(chromium: Browser, origin: str) -> Iterator[Victim]:
    with new_context(chromium) as context:
        page = context.new_page()
        page.goto(f"{origin}/accounts/login/?next=/accounts/profile/")
        sign_in(page, USER.email)
        expect(page.get_by_role("heading", level=1)).to_have_text("Your profile")
        csrf_token, note_id = page.evaluate(OPEN)
        yield Victim(context, page, csrf_token, note_id)


@pytest.fixture
def attacker(victim: Victim, request: pytest.FixtureRequest, page_port: int) -> Iterator[Page]:
    """Open a page of the attacker, whose host is the parameter, in the victim's browser."""
    page = victim.context.new_page()
    page.goto(f"http://{request.param}:{page_port}/")
    yield page
    page.close()


each_attacker = pytest.mark.parametrize("attacker", ATTACKERS, indirect=True)

# Sends every kind of request that a page can send to another origin, and reports what it can read.
SEND = """
async ([api, token, note]) => {
  const json = { "Content-Type": "application/json" };
  const text = JSON.stringify({ title: "of the attacker" });
  const form = new URLSearchParams({ title: "of the attacker", csrfmiddlewaretoken: token });
  const data = new FormData();
  data.set("title", "of the attacker");
  const withToken = { ...json, "X-CSRFToken": token };
  const read = [];
  const send = async (path, options) => {
    for (const credentials of ["include", "omit"]) {
      await fetch(api + path, { credentials, ...options }).then(
        async (answer) => {
          if (answer.type !== "opaque") read.push([answer.status, await answer.text()]);
        },
        () => null,
      );
    }
  };
  await send("/session");
  await send("/session", { mode: "no-cors" });
  await send("/notes");
  for (const mode of ["cors", "no-cors"]) {
    for (const options of [
      { headers: withToken, body: text }, { headers: json, body: text },
      { headers: { "X-CSRFToken": token, "Content-Type": "text/plain" }, body: text },
      { body: text }, { body: form }, { body: data },
    ]) {
      await send("/notes", { method: "POST", mode, ...options });
    }
  }
  await send(`/notes/${note}`, { method: "DELETE", headers: { "X-CSRFToken": token } });
  await send(`/notes/${note}`, { method: "PATCH", headers: withToken, body: text });
  navigator.sendBeacon(`${api}/notes`, new Blob([text], { type: "text/plain" }));
  navigator.sendBeacon(`${api}/notes`, form);
  return read;
}
"""
# A frame without an origin of its own runs the same, and sends the result to its parent.
SEND_IN_A_FRAME = """
([send, parameters]) => new Promise((resolve) => {
  addEventListener("message", ({ data }) => resolve(data), { once: true });
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts allow-forms";
  frame.srcdoc = `<script>(${send})(${JSON.stringify(parameters)}).then(
    (read) => parent.postMessage(read, "*"))</` + `script>`;
  document.body.append(frame);
})
"""
# A body that is JSON if the name and the value of the only field are joined by `=`.
SUBMIT = """
([url, encoding, token]) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: url, enctype: encoding });
  const fields = [['{"title":"of the attacker","x":"', '"}'], ["csrfmiddlewaretoken", token]];
  for (const [name, value] of fields) {
    form.append(Object.assign(document.createElement("input"), { name, value }));
  }
  document.body.append(form);
  form.submit();
}
"""


@each_attacker
def test_other_origin_neither_reads_nor_writes(victim: Victim, origin: str, attacker: Page) -> None:
    read = attacker.evaluate(SEND, [f"{origin}/api/v1", victim.csrf_token, victim.note_id])
    assert victim.titles() == ["of the user"]
    if SIBLING in attacker.url:
        # A listed origin reads the answers to requests that it sent without cookies.
        assert {status for status, _ in read} == {401}
    else:
        assert read == []


@each_attacker
def test_browser_sends_the_cookie_for_every_page_of_the_same_site(
    victim: Victim, page_port: int, attacker: Page
) -> None:
    """The tests above need this. Cookies ignore ports, so the attackers' server can show it."""
    probe = f"http://{HOST}:{page_port}/probe"
    attacker.evaluate('(url) => fetch(url, { mode: "no-cors", credentials: "include" })', probe)
    assert (COOKIE in Handler.cookies_of_probes.pop()) == (FOREIGN_NAME not in attacker.url)


@each_attacker
def test_sandboxed_frame_neither_reads_nor_writes(
    victim: Victim, origin: str, attacker: Page
) -> None:
    parameters = [f"{origin}/api/v1", victim.csrf_token, victim.note_id]
    read = attacker.evaluate(SEND_IN_A_FRAME, [SEND, parameters])
    assert read == []
    assert victim.titles() == ["of the user"]


@each_attacker
@pytest.mark.parametrize(
    "encoding", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_form_of_another_page_is_refused(
    victim: Victim, origin: str, attacker: Page, encoding: str
) -> None:
    url = f"{origin}/api/v1/notes"
    with attacker.expect_navigation(url=url), attacker.expect_response(url) as response:
        attacker.evaluate(SUBMIT, [url, encoding, victim.csrf_token])
    assert response.value.status == 401
    assert victim.titles() == ["of the user"]


def test_link_of_another_page_shows_nothing_of_the_session(
    victim: Victim, origin: str, page_port: int
) -> None:
    page = victim.context.new_page()
    page.goto(f"http://{FOREIGN_NAME}:{page_port}/")
    # A navigation carries the cookie (SameSite=Lax), whichever page leads to it.
    with page.expect_response(f"{origin}/api/v1/session") as response:
        page.evaluate("(url) => location.assign(url)", f"{origin}/api/v1/session")
    assert response.value.status == 401
    page.close()


@pytest.mark.parametrize("attacker", [SIBLING], indirect=True)
def test_planted_csrf_cookie_helps_no_sibling(victim: Victim, origin: str, attacker: Page) -> None:
    """A subdomain can plant a cookie for its parent domain, and then knows the CSRF token."""
    planted = "b" * 32
    attacker.evaluate(
        "(cookie) => { document.cookie = cookie }",
        f"gatehouse-csrf={planted}; domain=gate.localhost; path=/",
    )
    read = attacker.evaluate(SEND, [f"{origin}/api/v1", planted, victim.note_id])
    assert all("of the user" not in body for _, body in read)
    victim.context.clear_cookies(domain=".gate.localhost")
    assert victim.titles() == ["of the user"]


def test_own_page_needs_the_csrf_token_of_its_own_session(victim: Victim) -> None:
    statuses = victim.page.evaluate(
        """async ([good, note]) => {
             const statuses = [];
             for (const token of [null, "x".repeat(64), good.slice(0, 32)]) {
               const headers = { ...(token && { "X-CSRFToken": token }) };
               const path = `/api/v1/notes/${note}`;
               statuses.push((await fetch(path, { method: "DELETE", headers })).status);
             }
             for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
               const headers = { "X-CSRFToken": good, "Content-Type": type };
               const options = { method: "POST", headers, body: '{"title": "x"}' };
               statuses.push((await fetch("/api/v1/notes", options)).status);
             }
             return statuses;
           }""",
        [victim.csrf_token, victim.note_id],
    )
    assert statuses == [403, 403, 403, 415, 415]
    assert victim.titles() == ["of the user"]


def test_bearer_of_another_user_decides_on_an_own_page(victim: Victim, origin: str) -> None:
    answer = requests.post(
        f"{origin.replace(HOST, LOOPBACK)}/api/v1/auth/sign-in",
        json={"email": OPERATOR.email, "password": DEMO_PASSWORD},
        headers={"Host": origin.removeprefix("http://")},
        timeout=20,
    )
    token = answer.json()["access_token"]
    outcomes = victim.page.evaluate(
        """async (token) => {
             const outcomes = [];
             const good = `Bearer ${token}`;
             for (const value of [good, `${good}x`, "Bearer x", "Basic eDp5"]) {
               const answer = await fetch("/api/v1/notes", { headers: { Authorization: value } });
               const { results, code } = await answer.json();
               outcomes.push([answer.status, code ?? results]);
             }
             return outcomes;
           }""",
        token,
    )
    assert outcomes[0] == [200, []], "the notes are those of the bearer, who has none"
    assert [status for status, _ in outcomes[1:]] == [401, 401, 401]
    assert victim.titles() == ["of the user"]
