"""The pages in German: they fit, they are accessible, and the switch needs no JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.local.demo import OPERATOR
from tests.e2e.conftest import Site
from tests.e2e.test_pages import LOOKS, faults
from tests.support.browser import expect_heading, new_context, sign_in

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

PAGES = (
    "/",
    "/accounts/profile/",
    "/accounts/profile/sign-in-methods/",
    "/accounts/logged-out/",
    "/nowhere",
    "/admin/",  # only with console
    "/admin/accounts/directory/",  # only with console
    "/admin/accounts/auditevent/",  # only with console
)


def language(page: Page) -> str:
    return str(page.evaluate("document.documentElement.lang"))


def test_german_pages_fit_the_window_and_are_accessible(chromium: Browser, site: Site) -> None:
    width, scheme = LOOKS[-1]
    with new_context(chromium, width=width, color_scheme=scheme, locale="de-DE") as context:
        page = context.new_page()
        page.goto(site.url("/"))
        page.get_by_role("main").get_by_role("link", name="Anmelden", exact=True).click()
        expect(page.get_by_label("E-mail")).to_be_visible()
        assert "lang=de" in page.url
        sign_in(page, OPERATOR.email)
        expect_heading(page, "Guten Tag, Olivia Operator")
        for path in PAGES:
            page.goto(site.url(path))
            assert language(page) == "de", path
            assert faults(page) == [], path


def test_language_is_chosen_in_the_footer_without_javascript(chromium: Browser, site: Site) -> None:
    with new_context(chromium, locale="en-GB", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site.url("/accounts/logged-out/?from=here"))
        page.get_by_role("button", name="Deutsch").press("Enter")
        expect_heading(page, "Sie sind abgemeldet")
        assert page.url == site.url("/accounts/logged-out/?from=here")
        page.get_by_role("link", name="Erneut anmelden").click()
        sign_in(page, OPERATOR.email)
        expect_heading(page, "Guten Tag, Olivia Operator")
        page.goto(site.url("/accounts/profile/"))
        page.get_by_role("button", name="English").press("Enter")
        expect_heading(page, "Your profile")
        assert page.url == site.url("/accounts/profile/")
        # begin capability console
        page.get_by_role("button", name="Deutsch").press("Enter")
        page.goto(site.url("/admin/"))
        page.get_by_role("button", name="English").press("Enter")
        expect_heading(page, "Overview")
        assert page.url == site.url("/admin/")
        # end capability console
