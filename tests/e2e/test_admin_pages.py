"""Every page of the admin is accessible at both widths, for a superuser, who sees the most."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import Browser, Page, StorageState, expect

from infra.users import ensure_user
from tests.e2e.conftest import SUPERUSERS, Site
from tests.e2e.people import PASSWORD, browser_of, have_user
from tests.e2e.test_operators import DIRECTORY, do, find
from tests.e2e.test_pages import (
    LOOKS,
    Visit,
    faults,
    is_wider_than_the_window,
    violations,
)
from tests.support.browser import expect_heading, new_context

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

BULK_SCRIPT = Path(__file__).parents[2] / "accounts/static/gatehouse/bulk.js"
SUPERUSER = "superuser@example.com"
SEEN = "looked-at-with-a-rather-long-address@example.com"


@pytest.fixture(scope="module")
def cookies(chromium: Browser, site: Site) -> StorageState:
    """Sign in as a superuser, and return the cookies."""
    cognito, pool_id = site.stack.aws.cognito(), site.stack.pool.user_pool_id
    with suppress(ClientError):
        # Another test may have created it.
        cognito.create_group(UserPoolId=pool_id, GroupName=SUPERUSERS)
    ensure_user(
        cognito, user_pool_id=pool_id, email=SUPERUSER, password=PASSWORD, groups=[SUPERUSERS]
    )
    have_user(site.stack, SEEN)
    with browser_of(chromium, site, SUPERUSER, PASSWORD, DIRECTORY) as page:
        expect_heading(page, "Users")
        return page.context.storage_state()


@pytest.fixture
def admin(chromium: Browser, cookies: StorageState) -> Iterator[Page]:
    width, scheme = LOOKS[-1]
    with new_context(chromium, storage_state=cookies, width=width, color_scheme=scheme) as context:
        yield context.new_page()


def check(page: Page, name: str) -> None:
    """Check the open page in both looks."""
    assert faults(page) == [], name


def visit(page: Page, site: Site, path: str, status: int = 200) -> None:
    visited = Visit(page, site.url(path))
    assert visited.status == status, path
    assert {request.url.startswith(site.url("/")) for request in visited.requests} == {True}, path
    assert [one for one in visited.complaints if f"status of {status}" not in one] == [], path
    check(page, path)


def first_of(page: Page, site: Site, path: str) -> str:
    """Return the path of the first object in a list of the admin."""
    page.goto(site.url(path))
    address = page.locator("#result_list tbody a[href*='/change/']").first.get_attribute("href")
    assert address is not None
    return address


def test_pages_of_the_directory_are_accessible(admin: Page, site: Site) -> None:
    find(admin, site, SEEN)
    person = admin.url.removeprefix(site.url(""))
    for path in (
        DIRECTORY,
        f"{DIRECTORY}?q=unknown",
        f"{DIRECTORY}?q=looked-at",
        f"{DIRECTORY}invite/",
        person,
        *(
            f"{person}{action}/"
            for action in ("disable", "add-to-group", "set-temporary-password", "delete")
        ),
        f"{DIRECTORY}groups/",
        *(f"{DIRECTORY}groups/operators/{page}" for page in ("", "edit/", "delete/")),
    ):
        visit(admin, site, path)
    visit(admin, site, f"{DIRECTORY}users/unknown/", 404)


def test_pages_after_a_refusal_and_an_action_on_several_users_are_accessible(
    admin: Page, site: Site
) -> None:
    admin.goto(site.url(f"{DIRECTORY}groups/operators/delete/"))
    admin.get_by_role("button", name="Delete").click()
    expect_heading(admin, "The action failed")
    check(admin, "refused")

    find(admin, site, SEEN)
    admin.get_by_role("link", name="Delete").click()
    admin.get_by_label("The user's e-mail address, to confirm").fill("another@example.com")
    admin.get_by_role("button", name="Delete").click()
    expect(admin.get_by_role("alert")).to_contain_text("Nothing was deleted.")
    check(admin, "not deleted")

    admin.goto(site.url(DIRECTORY))
    for choice in (SEEN, SUPERUSER):
        admin.get_by_role("checkbox", name=f"Select {choice}").check()
    admin.get_by_label("With the selected users").select_option("sign-out")
    admin.get_by_role("button", name="Apply").click()
    expect_heading(admin, "Sign out everywhere: 2 users")
    check(admin, "several, before")
    admin.get_by_role("button", name="Sign out everywhere").click()
    expect(admin.get_by_role("status")).to_contain_text("2 of 2")
    expect(admin.get_by_role("cell", name="Yes", exact=True)).to_have_count(1)
    expect(admin.get_by_role("cell", name="No", exact=True)).to_have_count(1)
    check(admin, "several, after")


def test_other_pages_of_the_admin_are_accessible(admin: Page, site: Site) -> None:
    find(admin, site, SEEN)
    # Create a revocation, so that its page can be visited.
    do(admin, "Sign out everywhere")
    expect(admin.get_by_text("The user is signed out everywhere.")).to_be_visible()
    for path in ("/admin/", "/admin/accounts/"):
        visit(admin, site, path)
    models = ("user", "browsersession", "auditevent", "revocation")
    for model in (*(f"accounts/{name}" for name in models), "auth/group"):
        path = f"/admin/{model}/"
        visit(admin, site, path)
        visit(admin, site, first_of(admin, site, path))
    session = first_of(admin, site, "/admin/accounts/browsersession/")
    visit(admin, site, session.replace("/change/", "/delete/"))
    visit(admin, site, "/admin/accounts/auditevent/?q=unknown&outcome__exact=failure")


def test_front_page_fits_every_window(admin: Page, site: Site) -> None:
    admin.goto(site.url("/admin/"))
    for width in (390, 768, 1024, 1120, 1200, 1280):
        admin.set_viewport_size({"width": width, "height": 800})
        # The element around it clips what is too wide, so the window itself does not scroll.
        box = admin.locator("#content").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_operator_follows_a_bar_to_its_events_and_sees_new_ones_live(
    admin: Page, site: Site
) -> None:
    admin.goto(site.url("/admin/"))
    bar = admin.locator("#sign-ins .bars a").last
    label = bar.locator("title").text_content() or ""
    bar.locator("path").first.click()
    expect_heading(admin, "Audit trail")
    counted = label.partition(": ")[2].partition(" ")[0]
    expect(admin.get_by_text(f"of {counted}", exact=False).first).to_be_visible()
    check(admin, "the events of a bar")

    admin.goto(site.url("/admin/accounts/auditevent/?action__exact=export_audit_events"))
    live = admin.get_by_role("button", name="Live: off")
    live.press("Enter")
    expect(admin.get_by_role("button", name="Live: on")).to_be_visible()
    before = admin.locator("#events tr[data-event]").count()
    assert admin.request.get(site.url("/admin/accounts/auditevent/export/")).ok
    new = admin.locator("#events tr.new")
    # The list asks every five seconds.
    expect(new).to_contain_text("exported the audit trail", timeout=20_000)
    expect(admin.locator("#events tr[data-event]")).to_have_count(before + 1)
    check(admin, "live")


def test_menu_of_a_narrow_window_opens_and_closes_by_keyboard(admin: Page, site: Site) -> None:
    admin.goto(site.url("/admin/"))
    sidebar = admin.get_by_role("navigation", name="Console")
    expect(sidebar).to_be_hidden()
    admin.get_by_role("button", name="Menu").press("Enter")
    expect(sidebar.get_by_role("link", name="Overview")).to_be_visible()
    # A wide window has no menu that opens.
    assert violations(admin) == []
    assert not is_wider_than_the_window(admin)
    admin.keyboard.press("Escape")
    expect(sidebar).to_be_hidden()
    admin.get_by_role("button", name="Menu").press("Enter")
    sidebar.get_by_role("link", name="Sessions").press("Enter")
    expect_heading(admin, "Sessions")


def test_results_page_submits_its_next_batch_automatically(page: Page) -> None:
    page.set_content("<form data-goes-on><input name=user value=bob></form>")
    page.evaluate(
        """document.forms[0].addEventListener("submit", (event) => {
            event.preventDefault();
            document.title = `sent ${new FormData(event.target).get("user")}`;
        })"""
    )
    page.add_script_tag(path=BULK_SCRIPT)
    expect(page).to_have_title("sent bob")
