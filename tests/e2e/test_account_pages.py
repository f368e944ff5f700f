"""A new user goes through every item of the account pages, in a browser without JavaScript."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from infra.tokens import access_token
from tests.e2e.conftest import Site
from tests.e2e.people import PASSWORD as OLD
from tests.e2e.people import browser_of, have_user, read_code
from tests.e2e.test_pages import faults
from tests.support.browser import expect_heading, new_context, sign_in
from tests.support.totp import code_of

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

EMAIL, NEW_EMAIL = "every-item@example.com", "every-item-now@example.com"
NEW = "a newer phrase of words"
NUMBER = "+441632960123"
PROFILE, SECURITY = "/accounts/profile/", "/accounts/profile/sign-in-methods/"


def done(page: Page, message: str, heading: str) -> None:
    """Expect the page after an action, with its message."""
    expect_heading(page, heading)
    expect(page.get_by_role("status")).to_have_text(message)


def enter_code(page: Page, site: Site, chromium: Browser, target: str) -> None:
    """Read the code in the mailbox, and enter it."""
    with new_context(chromium) as other:
        mailbox = other.new_page()
        mailbox.goto(f"{site.stack.login_url}/mailbox")
        code = read_code(mailbox, target)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Confirm", exact=True).click()


# begin capability notes
def write_note(site: Site, title: str) -> None:
    pool = site.stack.pool
    token = access_token(
        site.stack.aws.cognito(),
        client_id=pool.web_client_id,
        client_secret=pool.web_client_secret,
        email=EMAIL,
        password=OLD,
    )
    answer = requests.post(
        site.url("/api/v1/notes"),
        json={"title": title, "body": "Grüße"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 201


# end capability notes


def change_details(page: Page, site: Site, chromium: Browser) -> None:
    page.get_by_role("link", name="Change your name").click()
    page.get_by_label("Name").fill("eve@example.com")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Name")).to_have_value("eve@example.com")
    expect(page.get_by_label("Name")).to_have_accessible_description(
        "Other people can see it. Leave it empty to remove your name. Write a name in one line "
        "of visible characters, without @ and without a space at either end."
    )
    page.get_by_label("Name").fill("Ada <Lovelace>")
    page.get_by_role("button", name="Save").click()
    done(page, "Your name is now Ada <Lovelace>.", "Your profile")

    page.get_by_role("link", name="Change your e-mail address").click()
    page.get_by_label("New e-mail address").fill(NEW_EMAIL)
    page.get_by_role("button", name="Send the code").click()
    done(page, f"A code is on its way to {NEW_EMAIL}.", "Enter the code")
    enter_code(page, site, chromium, NEW_EMAIL)
    done(page, f"{NEW_EMAIL} is verified, and belongs to your account.", "Your profile")

    page.get_by_role("link", name="Show or change your phone number").click()
    page.get_by_label("Phone number").fill("+44 1632 960123")
    page.get_by_role("button", name="Save").click()
    done(page, f"Your phone number is now {NUMBER}.", "Your profile")
    page.get_by_role("link", name="Show or change your phone number").click()
    page.get_by_role("button", name="Send a code to verify it").click()
    enter_code(page, site, chromium, f"sms:{NUMBER}")
    done(page, f"{NUMBER} is verified, and belongs to your account.", "Your profile")


def change_security(page: Page) -> None:
    page.get_by_role("link", name="Security", exact=True).click()
    expect_heading(page, "Security")
    expect(page.get_by_role("heading", name="Your password alone")).to_be_visible()
    page.get_by_role("link", name="Set up Authenticator app").click()
    page.get_by_role("button", name="Set up an authenticator app").click()
    page.get_by_label("Code").fill(code_of(page.locator("code.key").inner_text()))
    page.get_by_role("button", name="Switch on").click()
    done(page, "The authenticator app is on.", "Second factor")
    page.get_by_role("link", name="Switch off").click()
    page.get_by_role("button", name="Switch off").click()
    done(page, "The authenticator app is off.", "Second factor")

    page.get_by_role("link", name="Security", exact=True).click()
    page.get_by_role("link", name="Change Password").click()
    page.get_by_label("Current password").fill("a wrong phrase")
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    page.get_by_label("Sign out all my other devices").uncheck()
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_label("Current password")).to_have_accessible_description(
        "This is not your password."
    )
    expect(page.get_by_label("New password", exact=True)).to_have_value("")
    page.get_by_label("Current password").fill(OLD)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    page.get_by_role("button", name="Change the password").click()
    done(page, "Changed your password.", "Security")


def sign_out_devices(page: Page, site: Site, lost: Page) -> None:
    page.get_by_role("link", name="Devices", exact=True).click()
    expect_heading(page, "Your devices")
    expect(page.get_by_text("Chrome on Linux", exact=True)).to_have_count(2)
    page.get_by_role("button", name="Sign out Chrome on Linux").last.click()
    done(page, "Signed out Chrome on Linux.", "Your devices")
    expect(page.get_by_text("Chrome on Linux", exact=True)).to_have_count(1)
    lost.goto(site.url("/"))
    expect(lost.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Sign out all other devices").click()
    done(page, "Signed out all other devices.", "Your devices")


def download(page: Page, path: Path) -> dict[str, Any]:
    page.get_by_role("link", name="Your data", exact=True).click()
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download").click()
    assert "-data-" in begun.value.suggested_filename
    begun.value.save_as(path)
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def compare(data: dict[str, Any]) -> None:
    """Compare the file with what the user has done."""
    told = {name: data["profile"][name] for name in ("email", "name", "phone_number")}
    assert told == {"email": NEW_EMAIL, "name": "Ada <Lovelace>", "phone_number": NUMBER}
    assert data["profile"]["phone_number_verified"] is True
    assert [one["browser"] for one in data["sessions"]] == ["Chrome on Linux"]
    notes = [(one["title"], one["body"]) for one in data["notes"]]  # only with notes
    assert notes == [("My note", "Grüße")]  # only with notes
    assert {event["action"] for event in data["events"]} >= {
        "sign_in", "profile_change", "email_change", "phone_change", "totp_on", "totp_off",
        "password_change", "sign_out_device", "sign_out_others", "data_download",
    }  # fmt: skip


def test_new_user_goes_through_every_item(chromium: Browser, site: Site, tmp_path: Path) -> None:
    have_user(site.stack, EMAIL)
    write_note(site, "My note")  # only with notes
    with (
        new_context(chromium, java_script_enabled=False) as context,
        browser_of(chromium, site, EMAIL, OLD, PROFILE) as lost,
    ):
        page = context.new_page()
        page.goto(site.url(PROFILE))
        sign_in(page, EMAIL, OLD)
        expect_heading(page, "Your profile")
        change_details(page, site, chromium)
        change_security(page)
        sign_out_devices(page, site, lost)
        compare(download(page, tmp_path / "data.json"))

        page.get_by_role("link", name="Delete your account").click()
        page.get_by_label(f"Type {NEW_EMAIL} to confirm").fill(NEW_EMAIL)
        page.get_by_role("button", name="Delete my account").click()
        # The page that leads to the hosted UI needs no script either.
        done(page, "Deleted your account.", "You are signed out")
        page.goto(site.url(PROFILE))
        sign_in(page, NEW_EMAIL, NEW)
        expect(page.get_by_role("alert")).to_be_visible()


def test_forms_of_the_account_are_accessible_with_and_without_errors(
    context: BrowserContext, site: Site
) -> None:
    email = "accessible@example.com"
    have_user(site.stack, email)
    page = context.new_page()
    page.goto(site.url(PROFILE))
    sign_in(page, email, OLD)
    expect_heading(page, "Your profile")
    for path in ("", "name/", "email/", "phone/", "password/", "devices/", "data/", "delete/"):
        page.goto(site.url(f"{PROFILE}{path}"))
        assert faults(page) == [], path
    page.goto(site.url(f"{PROFILE}password/"))
    page.get_by_label("Current password").fill("x")
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_label("New password again").fill("other")
    page.keyboard.press("Enter")
    expect(page.get_by_label("New password", exact=True)).to_be_focused()
    assert faults(page) == []
