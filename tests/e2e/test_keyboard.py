"""A user and an operator work without a mouse: every action is a key, every focus visible."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.users import ensure_user
from tests.e2e.conftest import Site
from tests.e2e.people import PASSWORD, have_user
from tests.support.browser import expect_heading, new_context
from tests.support.keyboard import activate, faults_of_focus, stops, tab_to, type_into

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

OPERATOR, PERSON = "keyboard-operator@example.com", "keyboard-person@example.com"


def sign_in(page: Page) -> None:
    activate(page, page.get_by_role("main").get_by_role("link", name="Sign in"))
    expect_heading(page, "Sign in")
    type_into(page, page.get_by_label("E-mail"), OPERATOR)
    page.keyboard.press("Enter")
    expect_heading(page, "Choose how to sign in")
    type_into(page, page.get_by_label("Password", exact=True), PASSWORD)
    page.keyboard.press("Enter")
    expect_heading(page, f"Hello, {OPERATOR}")


def change_the_name(page: Page) -> None:
    activate(page, page.get_by_role("link", name="Your account"))
    expect_heading(page, "Your profile")
    # Past the menus, to the first link of the page itself.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").locator(":focus")).to_have_count(1)
    activate(page, page.get_by_role("link", name="Change your name"))
    expect_heading(page, "Change your name")
    type_into(page, page.get_by_label("Name"), "Kim Keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Your name is now Kim Keyboard.")


# begin capability console
def disable_a_person(page: Page) -> None:
    activate(page, page.get_by_role("link", name="Admin", exact=True))
    expect_heading(page, "Overview")
    activate(page, page.get_by_role("link", name="14 days"))
    expect(page.get_by_role("link", name="14 days")).to_have_attribute("aria-current", "true")
    table = page.locator("#sign-ins summary")
    tab_to(page, table)
    page.keyboard.press("Enter")
    expect(page.locator("#sign-ins table")).to_be_visible()
    activate(page, page.locator("#sign-ins td a").first)
    expect_heading(page, "Audit trail")

    type_into(page, page.get_by_role("banner").get_by_role("searchbox"), "keyboard-pers")
    page.keyboard.press("Enter")
    expect_heading(page, "Users")
    activate(page, page.get_by_role("rowheader").get_by_role("link", name=PERSON))
    expect_heading(page, PERSON)
    activate(page, page.get_by_role("main").get_by_role("link", name="Disable", exact=True))
    activate(page, page.get_by_role("button", name="Disable", exact=True))
    expect(page.get_by_text("The account is disabled.").first).to_be_visible()


# end capability console


def sign_out(page: Page) -> None:
    activate(page, page.get_by_role("button", name="Sign out"))
    expect_heading(page, "You are signed out")


def test_main_job_needs_no_mouse(chromium: Browser, site: Site) -> None:
    have_user(site.stack, PERSON)
    ensure_user(
        site.stack.aws.cognito(),
        user_pool_id=site.stack.pool.user_pool_id,
        email=OPERATOR,
        password=PASSWORD,
        groups=["operators"],
    )
    with new_context(chromium) as context:
        page = context.new_page()
        page.goto(site.url("/"))
        sign_in(page)
        change_the_name(page)
        disable_a_person(page)  # only with console
        # No page keeps the focus, and the link past the menus comes first.
        for path, first in {
            "/": "Skip to the content",
            "/accounts/profile/": "Skip to the content",
            "/accounts/profile/password/": "Skip to the content",
            "/admin/": "Skip to main content",  # only with console
            "/admin/accounts/directory/": "Skip to main content",  # only with console
            "/admin/accounts/auditevent/": "Skip to main content",  # only with console
        }.items():
            page.goto(site.url(path))
            assert stops(page)[0] == first
        page.goto(site.url("/admin/"))  # only with console
        sign_out(page)


def test_invisible_focus_and_a_trap_are_found(page: Page) -> None:
    page.set_content(
        """<a href="#" style="outline: none">First</a>
        <a href="#" style="position: absolute; left: -1000px">Second</a>"""
    )
    page.keyboard.press("Tab")
    assert faults_of_focus(page) == ['a "First" has the focus, and no outline']
    page.keyboard.press("Tab")
    assert faults_of_focus(page) == ['a "Second" has the focus outside of the window']
    page.set_content("<button>First</button><button>Last</button>")
    page.get_by_role("button", name="Last").focus()
    page.evaluate("() => { window.onkeydown = (event) => event.preventDefault(); }")
    with pytest.raises(AssertionError, match="does not leave the page"):
        stops(page)
