"""A web page that a developer visits cannot reach the developer's local stack.

The page sends every kind of request that a browser allows, from another site and from another port
of localhost. It also uses a name that resolves to this machine (DNS rebinding).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from infra.local.login_process import login_server
from infra.local.ministack import MiniStack
from infra.local.pool import Pool, provision_pool
from infra.local.ports import LOOPBACK, free_port
from tests.support.browser import FOREIGN_NAME

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

# A request that would change the local AWS if it arrived.
CREATE_POOL = (
    "?Action=CreateTopic&Name=evil&Version=2010-03-31"
    "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=test/20260101/eu-west-1/sns/aws4_request"
)
AWS_PATHS = ["/_ministack/reset", "/_ministack/ses/messages", f"/{CREATE_POOL}"]
LOGIN_PATHS = ["/oauth2/token", "/login", "/mailbox", "/resendcode", "/static/style.css"]

# Sends every kind of request that does not leave the page, and resolves when all have ended.
SEND = """
async ([base, paths]) => {
  const ended = (start) => new Promise((resolve) => { start(resolve); setTimeout(resolve, 5000); });
  const text = { method: "POST", body: "x=1", headers: { "Content-Type": "text/plain" } };
  const json = { ...text, headers: { "Content-Type": "application/x-amz-json-1.1" } };
  const read = [];
  for (const path of paths) {
    const url = base + path;
    for (const options of [{}, text, json, { ...text, mode: "no-cors" }, { mode: "no-cors" }]) {
      await fetch(url, options).then(
        async (answer) => { if (answer.type !== "opaque") read.push(await answer.text()); },
        () => null,
      );
    }
    navigator.sendBeacon(url, "x=1");
    await ended((resolve) => {
      Object.assign(new Image(), { onload: resolve, onerror: resolve, src: url });
    });
    await ended((resolve) => {
      const socket = new WebSocket(url.replace("http:", "ws:"));
      socket.onopen = () => { read.push("a WebSocket"); resolve(); };
      socket.onerror = resolve;
    });
    await ended((resolve) => {
      const script = Object.assign(document.createElement("script"), { src: url });
      script.onload = script.onerror = resolve;
      document.body.append(script);
    });
    await ended((resolve) => {
      const frame = Object.assign(document.createElement("iframe"), { src: url });
      frame.onload = frame.onerror = resolve;
      document.body.append(frame);
    });
  }
  return read;
}
"""
# Submits a form automatically, which navigates the whole tab.
SUBMIT = """
([url, encoding]) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: url, enctype: encoding });
  const field = Object.assign(document.createElement("input"), { name: "x", value: "1" });
  form.append(field);
  document.body.append(form);
  form.submit();
}
"""
ENCODINGS = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]


@dataclass(frozen=True)
class Local:
    """A local AWS that logs the requests that its guard accepts, and the local hosted UI."""

    aws: MiniStack
    pool: Pool
    login_port: int
    login_log: Path

    def passed_to_aws(self) -> list[str]:
        """Return the log line of each accepted request, including those of the hosted UI."""
        lines = self.aws.child.log.read_text().splitlines()
        return [line.partition("Passed on: ")[2] for line in lines if "Passed on: " in line]

    def refused_by_aws(self) -> int:
        return self.aws.child.log.read_text().count("Refused a request.")

    def login_requests(self) -> list[str]:
        """Return every request of the hosted UI so far, for example `POST /login 403`."""
        lines = self.login_log.read_text().splitlines()
        return [found[0] for line in lines if (found := re.search(r"[A-Z]+ /\S* \d{3}$", line))]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    directory, port = tmp_path_factory.mktemp("guarded"), free_port()
    with MiniStack.started(log=directory / "aws.log", log_level="DEBUG") as aws:
        pool = provision_pool(aws, public_url="http://localhost:8000")
        with login_server(aws, pool, port=port, log=directory / "login.log"):
            yield Local(aws, pool, port, directory / "login.log")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
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


def submit_form(page: Page, origin: str, url: str, encoding: str) -> int:
    """Submit a form on a page of `origin`, and return the status of the response."""
    page.goto(origin)
    with page.expect_navigation(url=url), page.expect_response(url) as response:
        page.evaluate(SUBMIT, [url, encoding])
    return response.value.status


@pytest.mark.parametrize("name", [FOREIGN_NAME, "localhost"])
def test_request_of_a_page_does_not_reach_the_local_aws(
    page: Page, local: Local, page_port: int, name: str
) -> None:
    origin, aws = f"http://{name}:{page_port}", f"http://localhost:{local.aws.port}"
    passed, refused = local.passed_to_aws(), local.refused_by_aws()
    page.goto(origin)
    assert page.evaluate(SEND, [aws, AWS_PATHS]) == []
    for encoding in ENCODINGS:
        assert submit_form(page, origin, aws + AWS_PATHS[0], encoding) == 403
    assert local.passed_to_aws() == passed
    assert local.refused_by_aws() - refused >= 8 * len(AWS_PATHS)


@pytest.mark.parametrize("name", [FOREIGN_NAME, "localhost"])
def test_request_of_a_page_does_not_reach_the_hosted_ui(
    page: Page, local: Local, page_port: int, name: str
) -> None:
    origin, login = f"http://{name}:{page_port}", f"http://localhost:{local.login_port}"
    before = len(local.login_requests())
    page.goto(origin)
    assert page.evaluate(SEND, [login, LOGIN_PATHS]) == []
    requests = local.login_requests()[before:]
    assert len(requests) >= 8 * len(LOGIN_PATHS)
    answered = {request for request in requests if not request.endswith(" 403")}
    # Apps on another port of localhost use a frame to ask who is signed in, so the hosted UI reads
    # such a request. This one is refused, because it names no app client.
    assert answered == ({"GET /login 400"} if name == "localhost" else set())
    for encoding in ENCODINGS:
        assert submit_form(page, origin, f"{login}/login", encoding) == 403


def test_page_with_a_rebound_name_reaches_neither_server(page: Page, local: Local) -> None:
    passed, before = local.passed_to_aws(), len(local.login_requests())
    for port, status in ((local.login_port, 400), (local.aws.port, 403)):
        answer = page.goto(f"http://{FOREIGN_NAME}:{port}/mailbox")
        assert answer is not None
        assert answer.status == status
    # The page now has the same origin, and could read the response.
    read = "() => fetch('/_ministack/ses/messages').then((answer) => answer.status)"
    assert page.evaluate(read) == 403
    assert local.passed_to_aws() == passed
    assert {line.rpartition(" ")[2] for line in local.login_requests()[before:]} == {"400"}


def test_developer_can_open_the_mailbox(page: Page, local: Local) -> None:
    answer = page.goto(f"http://localhost:{local.login_port}/mailbox")
    assert answer is not None
    assert answer.status == 200
