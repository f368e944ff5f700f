"""The page of the migration in the old site's admin: accessible, at both widths, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_pages import faults
from tests.support.old_site.operators import PAGE
from tests.support.old_site.process import OldSite, running

pytestmark = pytest.mark.e2e

PASSWORD = "an old password"
USERS: list[dict[str, Any]] = [
    {
        "username": "root",
        "email": "root@example.com",
        "raw": PASSWORD,
        "is_staff": True,
        "is_superuser": True,
    },
    {"username": "with-a-rather-long-name", "email": "ann@example.com", "raw": PASSWORD},
]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OldSite]:
    with running(tmp_path_factory.mktemp("old"), USERS) as site:
        assert not site.knows("ann@example.com", "wrong")
        yield site


def check(page: Page) -> None:
    """Check our part of Django's page."""
    assert faults(page, ".migration") == []


def test_operator_uses_the_switch_by_keyboard(old: OldSite, context: Any) -> None:
    page = context.new_page()
    page.goto(f"{old.address}/admin/login/?next={PAGE}")
    page.fill("[name=username]", "root")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Failures")).to_be_visible()
    check(page)

    page.get_by_label("No", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_label("Your password").focus()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The password is wrong. Enter it again.")).to_be_visible()
    check(page)
    expect(page.get_by_label("No", exact=True)).to_be_checked()

    page.get_by_label("Your password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("No user is migrated at sign-in any more.")).to_be_visible()
    check(page)
