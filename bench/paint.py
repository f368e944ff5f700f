"""Measure when pages become visible, in Chromium, with an empty cache.

The smallest of several visits is the time of the page, because other programs only add to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from infra.local.demo import OPERATOR
from infra.setup.browser import find_chromium

BUDGET = 300.0
PAGES = [
    *("/", "/accounts/profile/", "/accounts/profile/devices/", "/accounts/second-factor/"),
    # begin capability console
    *("/admin/", "/admin/accounts/directory/", "/admin/accounts/directory/?q=user"),
    *("/admin/accounts/directory/users/user@example.com/", "/admin/accounts/directory/groups/"),
    *("/admin/accounts/auditevent/", "/admin/accounts/browsersession/", "/admin/accounts/user/"),
    # end capability console
]
# The first paint can come after the load. Numbers are milliseconds after the visit began.
TIMES = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const paint = list.getEntriesByName("first-contentful-paint")[0];
    const page = performance.getEntriesByType("navigation")[0];
    if (paint) resolve([page.responseStart, paint.startTime]);
  }).observe({ type: "paint", buffered: true });
})"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page, with milliseconds until the first byte and until the first text was visible."""

    path: str
    first_byte: float
    first_paint: float
    median_paint: float


def measure(url: str, rounds: int) -> list[Page]:
    """Visit the pages as an operator of the local stack."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the tests' environment

    from tests.support.browser import QUIET, sign_in  # noqa: PLC0415 - as above

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(QUIET))
        page = chromium.new_page()
        page.goto(f"{url}/accounts/login/")
        sign_in(page, OPERATOR.email)
        page.wait_for_url(f"{url}/**")
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        found = [_visit(page, url, path, rounds) for path in PAGES]
        chromium.close()
    return found


def table(pages: list[Page]) -> str:
    lines = [
        f"| page | ms to the first byte | ms to the first paint, at most {BUDGET:.0f} | median |",
        "|---|--:|--:|--:|",
    ]
    for page in pages:
        times = (page.first_byte, page.first_paint, page.median_paint)
        lines.append(" | ".join((f"| {page.path}", *(f"{time:.0f}" for time in times))) + " |")
    return "\n".join(lines)


def _visit(page: Any, url: str, path: str, rounds: int) -> Page:
    times = []
    for _ in range(rounds):
        page.goto(url + path)
        times.append(page.evaluate(TIMES))
    first_bytes, paints = zip(*times, strict=True)
    return Page(path, min(first_bytes), min(paints), median(paints))
