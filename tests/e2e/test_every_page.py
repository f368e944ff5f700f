"""Every page is light, asks no other host, and fits small windows and large text.

One walk visits all pages and keeps what each one showed, in German because its words are longer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import Browser, Page, expect

from infra.users import ensure_user
from tests.e2e import every_page
from tests.e2e.conftest import SUPERUSERS, Site
from tests.e2e.people import PASSWORD
from tests.support.browser import new_context, sign_in
from tests.support.layout import faults_of_layout

logger = logging.getLogger(__name__)

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

MAX_BYTES = 60_000
WIDTH = 1280
# What is left of WIDTH when text is twice or four times as large (WCAG 2.2, 1.4.4 and 1.4.10).
ENLARGED_WIDTHS = (640, 320)
PERSON = "walked-past-with-a-rather-long-address@example.com"
# It can come after the load.
FIRST_PAINT = """() => new Promise((resolve) => {
  const observer = new PerformanceObserver((list) => {
    const paint = list.getEntriesByName("first-contentful-paint")[0];
    if (paint) resolve(paint.startTime);
  });
  observer.observe({ type: "paint", buffered: true });
})"""
LOCALE, WELCOME = "en-GB", "Hello"
LOCALE, WELCOME = "de-DE", "Guten Tag"  # only with german
# A page is not visible before it has these. `python -m bench paint` measures the time.
BLOCKING = """() => performance.getEntriesByType("resource")
  .filter((one) => one.renderBlockingStatus === "blocking")
  .map((one) => new URL(one.name).pathname)"""
USER, OPERATOR = "walking@example.com", "walking-operator@example.com"


@dataclass(frozen=True)
class Visited:
    """A page as Chromium has loaded it, with an empty cache.

    Attributes:
        transferred: bytes of all its answers, with their headers.
        hosts: the hosts and ports that it asked.
        first_paint: milliseconds until the first text was visible.
        blocking: the files without which no text was visible.
        faults: by width of the window, what is cut or covered.
    """

    name: str
    transferred: int
    hosts: frozenset[str]
    first_paint: float
    blocking: tuple[str, ...]
    faults: dict[int, list[str]]


class Meter:
    """Counts what a page transfers, with Chromium's own protocol."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._reset()
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        # Every visit is a first one.
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.requestWillBeSent", self._request)
        session.on("Network.loadingFinished", self._finished)
        session.on("Network.loadingFailed", lambda event: self._open.discard(event["requestId"]))

    def _reset(self) -> None:
        self._transferred = 0.0
        self._hosts: set[str] = set()
        self._open: set[str] = set()

    def _request(self, event: dict[str, Any]) -> None:
        # The page before it may have been left by a form.
        if event["type"] == "Document":
            self._reset()
        self._hosts.add(urlsplit(event["request"]["url"]).netloc)
        self._open.add(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        self._transferred += event["encodedDataLength"]
        self._open.discard(event["requestId"])

    def measure(self, name: str) -> Visited:
        """Measure the open page."""
        page = self._page
        page.wait_for_load_state("load")
        while self._open:
            page.wait_for_timeout(10)
        paint, blocking = page.evaluate(FIRST_PAINT), tuple(page.evaluate(BLOCKING))
        transferred, hosts = int(self._transferred), frozenset(self._hosts - {""})
        faults = {width: faults_of_layout(page, width) for width in (WIDTH, *ENLARGED_WIDTHS)}
        page.set_viewport_size({"width": WIDTH, "height": 800})
        return Visited(name, transferred, hosts, paint, blocking, faults)


def _track_sessions(site: Site, tracking: Literal["ENABLED", "DISABLED"]) -> None:
    """Choose whether the page of a person has a table of sessions, which is wide."""
    cognito: Any = site.stack.aws.cognito()
    cognito.set_user_pool_session_configuration(
        UserPoolId=site.stack.pool.user_pool_id,
        UserSessionTracking=tracking,
        TokenSession={"MaxPerUser": 20},
    )


def _prepare(site: Site) -> None:
    cognito, pool_id = site.stack.aws.cognito(), site.stack.pool.user_pool_id
    with suppress(ClientError):
        # Another test may have created it.
        cognito.create_group(UserPoolId=pool_id, GroupName=SUPERUSERS)
    for email, groups in ((OPERATOR, [SUPERUSERS]), (USER, []), (PERSON, [])):
        ensure_user(cognito, user_pool_id=pool_id, email=email, password=PASSWORD, groups=groups)


def _walk(chromium: Browser, site: Site) -> Iterator[Visited]:
    with new_context(chromium, width=WIDTH, locale=LOCALE) as context:
        page = context.new_page()
        meter = Meter(page)
        for name in every_page.of_visitor(page, site):
            yield meter.measure(name)
        for name in every_page.of_hosted_ui(page, site, PERSON):
            yield meter.measure(name)
    for email, pages in (
        (PERSON, None),
        (USER, every_page.of_user),
        # begin capability console
        (OPERATOR, lambda page, site: every_page.of_operator(page, site, PERSON)),
        # end capability console
    ):
        with new_context(chromium, width=WIDTH, locale=LOCALE) as context:
            page = context.new_page()
            page.goto(site.url("/accounts/login/"))
            sign_in(page, email, PASSWORD)
            expect(page.get_by_role("heading", level=1)).to_contain_text(WELCOME)
            meter = Meter(page)
            for name in pages(page, site) if pages else ():
                yield meter.measure(name)


@pytest.fixture(scope="module")
def pages(chromium: Browser, site: Site) -> list[Visited]:
    """Visit all pages. `--log-cli-level=INFO` prints what each one took."""
    _prepare(site)
    found = []
    _track_sessions(site, "ENABLED")
    try:
        for one in _walk(chromium, site):
            logger.info("%s: %d bytes, %d ms", one.name, one.transferred, one.first_paint)
            found.append(one)
    finally:
        _track_sessions(site, "DISABLED")
    return found


def test_every_page_transfers_less_than_its_limit(pages: list[Visited]) -> None:
    heavy = {page.name: page.transferred for page in pages if page.transferred >= MAX_BYTES}
    assert heavy == {}
    assert all(page.transferred > 1_000 for page in pages), "every page was measured"


def test_no_page_waits_for_more_than_a_stylesheet_and_the_theme(pages: list[Visited]) -> None:
    for page in pages:
        # The local hosted UI, which is not part of the product, has two stylesheets.
        most = 2 if page.name.startswith("hosted UI") else 1
        scripts = [url for url in page.blocking if url.endswith(".js")]
        assert 1 <= len(page.blocking) - len(scripts) <= most, (page.name, page.blocking)
        # A page that became dark after it was visible would be worse than this small script.
        assert [url for url in scripts if "/admin/js/theme." not in url] == [], page.name


def test_no_page_asks_another_host(pages: list[Visited], site: Site) -> None:
    own = urlsplit(site.url("")).netloc
    hosted_ui = urlsplit(site.stack.login_url).netloc
    for page in pages:
        expected = hosted_ui if page.name.startswith("hosted UI") else own
        assert page.hosts == {expected}, page.name


@pytest.mark.parametrize("width", [WIDTH, *ENLARGED_WIDTHS])
def test_nothing_is_cut_or_covered(pages: list[Visited], width: int) -> None:
    assert {page.name: page.faults[width] for page in pages if page.faults[width]} == {}


def test_faults_of_a_layout_are_found(page: Page) -> None:
    page.set_content(
        """<style>body { margin: 0; font: 20px/1 monospace }</style>
        <p style="white-space: nowrap">A line that is longer than the window is wide</p>
        <div style="width: 5em; overflow: hidden; white-space: nowrap"><b>In a small box</b></div>
        <p>First</p><p style="margin-top: -2em">Second</p>
        <pre style="overflow: auto">A line of code that may scroll in its box</pre>"""
    )
    assert faults_of_layout(page, 320) == [
        "the page scrolls sideways",
        'cut: p "A line that is longer than the window is"',
        'cut: b "In a small box"',
        'covered: p "First" and p "Second"',
    ]
    page.set_content("<h1>Title</h1><pre style='overflow: auto'>A line of code that scrolls</pre>")
    assert faults_of_layout(page, 320) == []
