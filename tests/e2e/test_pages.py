"""Every page is accessible, small and self-contained, at both widths and in both colour schemes."""

from __future__ import annotations

import uuid
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from infra.local.demo import DEMO_PASSWORD, OPERATOR, USER
from infra.setup.node import ensure_packages
from tests.e2e.conftest import Site
from tests.e2e.people import PASSWORD, browser_of, have_user
from tests.support.browser import sign_in

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

MAX_PAGE_BYTES = 50_000
# Colours do not depend on the width, so two of the four combinations are enough. The fixture
# `context` opens pages in the last one.
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1280, "light"), (390, "dark"))
AXE = """(element) => axe.run(element, { resultTypes: ["violations"] })
  .then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes })))"""
FINISH_TRANSITIONS = """() => document.getAnimations()
  .filter((one) => one instanceof CSSTransition).forEach((one) => one.finish())"""

ANONYMOUS = {
    "/": 200,
    "/accounts/logged-out/": 200,
    "/accounts/callback/": 400,
    "/nowhere": 404,
}
SIGNED_IN = {
    "/": 200,
    "/accounts/profile/": 200,
    "/accounts/profile/sign-in-methods/": 200,
    "/accounts/second-factor/": 200,
    "/accounts/second-factor/off/": 200,
    "/accounts/logged-out/": 200,
    "/admin/": 403,  # only with console
}


def violations(page: Page, within: str = "html") -> list[str]:
    """Return the violations that axe-core finds in an element, as `rule: element`."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate((ensure_packages() / "axe-core/axe.min.js").read_text())
    found = page.evaluate(AXE, within)
    return [
        f"{violation['id']}: {node['html']}" for violation in found for node in violation["nodes"]
    ]


def is_wider_than_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def faults(page: Page, within: str = "html") -> list[str]:
    """Return what is wrong with the open page in each of LOOKS, and leave it in the last one.

    To change the window of an open page costs much less than to open the page again.
    """
    found = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        # In the middle of a transition, the contrast is not that of the page.
        page.evaluate(FINISH_TRANSITIONS)
        look = f"{scheme}, {width} pixels wide"
        found += [f"{look}: {one}" for one in violations(page, within)]
        if is_wider_than_the_window(page):
            found.append(f"{look}: the page is wider than the window")
    return found


class Visit:
    """A loaded page, its requests, and the browser's messages about it."""

    def __init__(self, page: Page, url: str) -> None:
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        page.on("requestfinished", self._note)
        page.on("requestfailed", self._note)
        page.on("console", lambda message: self.complaints.append(message.text))
        response = page.goto(url)
        assert response is not None
        self.status = response.status
        self.headers = response.headers

    def _note(self, request: Request) -> None:
        self.requests.append(request)

    def bytes(self) -> int:
        return sum(request.sizes()["responseBodySize"] for request in self.requests)


def check(page: Page, site: Site, path: str, status: int) -> None:
    visit = Visit(page, site.url(path))
    assert visit.status == status
    assert faults(page) == []
    assert {request.url.startswith(site.url("/")) for request in visit.requests} == {True}
    assert visit.bytes() < MAX_PAGE_BYTES
    assert visit.headers["cache-control"] == "no-store"
    # The browser writes a message about an error status.
    assert [text for text in visit.complaints if f"status of {status}" not in text] == []


def test_accessibility_check_finds_a_violation(page: Page) -> None:
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><img src=data:,></main>")
    assert [finding.partition(":")[0] for finding in violations(page)] == ["image-alt"]


@pytest.mark.parametrize(("path", "status"), ANONYMOUS.items())
def test_page_of_a_visitor_passes_all_checks(
    context: BrowserContext, site: Site, path: str, status: int
) -> None:
    check(context.new_page(), site, path, status)


def test_pages_of_a_user_pass_all_checks(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(site.url("/accounts/login/"))
    sign_in(page, USER.email)
    expect(page.get_by_role("button", name="Sign out", exact=True).first).to_be_visible()
    for path, status in SIGNED_IN.items():
        check(context.new_page(), site, path, status)


def test_set_up_of_an_authenticator_app_is_accessible(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(site.url("/accounts/login/"))
    sign_in(page, USER.email)
    page.goto(site.url("/accounts/second-factor/"))
    page.get_by_role("button", name="Set up an authenticator app").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert complaints == [], "the content security policy allows the QR code"
    assert faults(page) == []

    page.get_by_label("Code").fill("none")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_label("Code")).to_have_accessible_description("A code has six digits.")
    assert faults(page) == []


# begin capability console
def test_profile_of_an_operator_passes_all_checks(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(site.url("/accounts/login/"))
    sign_in(page, OPERATOR.email)
    expect(page.get_by_role("link", name="Admin", exact=True)).to_be_visible()
    check(context.new_page(), site, "/accounts/profile/", 200)


# end capability console


def test_long_name_does_not_widen_the_pages_that_show_it(chromium: Browser, site: Site) -> None:
    email, name = f"{uuid.uuid4()}@example.com", f"Ada {'x' * 230}"
    have_user(site.stack, email)
    with browser_of(chromium, site, email, PASSWORD, "/accounts/profile/name/") as page:
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text(f"Your name is now {name}.")).to_be_visible()
        assert faults(page) == []
    # begin capability console
    path = f"/admin/accounts/directory/?q={email}"
    with browser_of(chromium, site, OPERATOR.email, DEMO_PASSWORD, path) as page:
        page.get_by_role("link", name=email).click()
        expect(page.get_by_text(name).first).to_be_visible()
        assert faults(page) == []
    # end capability console


def test_fault_of_either_look_is_found(context: BrowserContext) -> None:
    page = context.new_page()
    page.set_content(
        """<html lang=en><meta name=viewport content="width=device-width"><title>x</title><style>
        @media (prefers-color-scheme: light) { h1 { color: #eee; transition: color 9s } }
        @media (prefers-color-scheme: dark) { h1 { color: #ddd; transition: color 9s } }
        main { min-width: 400px; color: black; background: white }
        </style><main><h1>A title</h1></main>"""
    )
    found = faults(page)
    assert [one.partition(": ")[0] for one in found] == [
        "light, 1280 pixels wide",
        *["dark, 390 pixels wide"] * 2,
    ]
    assert [one.partition(": ")[2] for one in found] == [
        "color-contrast: <h1>A title</h1>",
        "color-contrast: <h1>A title</h1>",
        "the page is wider than the window",
    ]


def test_home_page_can_be_used_with_the_keyboard(page: Page, site: Site) -> None:
    page.goto(site.url("/"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    focused = []
    for _ in range(4):
        page.keyboard.press("Tab")
        focused.append(page.evaluate("document.activeElement.innerText.trim()"))
    assert focused == [
        "Gatehouse",
        "Sign in",
        "Sign in",
        "Create account",
    ]
