"""The main tasks: sign in, see the profile, open the admin, call the API, sign out."""

from __future__ import annotations

import subprocess
import sys

import pytest
import requests
from playwright.sync_api import Page, expect

from infra.environments import ROOT
from infra.local.demo import DEMO_PASSWORD, OPERATOR, USER
from infra.local.pool import application_environment
from tests.e2e.conftest import Site
from tests.support.browser import sign_in

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]


def test_operator_signs_in_uses_the_admin_and_signs_out(page: Page, site: Site) -> None:
    page.goto(site.url("/"))
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    assert page.url.startswith(f"{site.stack.login_url}/login?")
    sign_in(page, OPERATOR.email)

    expect(page.get_by_role("heading", level=1)).to_contain_text(OPERATOR.name)
    assert page.url == site.url("/"), "no code or state remains in the address"

    page.get_by_role("link", name="Your account", exact=True).click()
    expect(page.get_by_role("listitem").get_by_text("operators")).to_be_visible()
    page.get_by_role("link", name="Devices", exact=True).click()
    expect(page.get_by_text("This device", exact=True)).to_be_visible()

    # begin capability console
    page.get_by_role("link", name="Admin", exact=True).click()
    assert page.url == site.url("/admin/")
    page.get_by_role("link", name="Users", exact=True).click()
    expect(page.get_by_role("link", name=OPERATOR.email, exact=True)).to_be_visible()
    assert page.locator("input[type=password]").count() == 0
    # end capability console

    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    assert page.url == site.url("/accounts/logged-out/")

    page.goto(site.url("/accounts/profile/"))
    expect(page.locator("input[name=username]")).to_be_visible()
    # begin capability console
    page.goto(site.url("/admin/"))
    expect(page.locator("input[name=username]")).to_be_visible()
    # end capability console


# begin capability console
def test_user_without_a_staff_group_may_not_open_the_admin(page: Page, site: Site) -> None:
    page.goto(site.url("/admin/"))
    sign_in(page, USER.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("You may not open this page")
    assert page.locator("input[type=password]").count() == 0


# end capability console


def test_sign_in_returns_the_user_to_the_requested_page(page: Page, site: Site) -> None:
    page.goto(site.url("/accounts/profile/"))
    sign_in(page, USER.email)
    assert page.url == site.url("/accounts/profile/")
    expect(page.get_by_text("You are not in a group.")).to_be_visible()


def test_two_tabs_can_sign_in_at_the_same_time(page: Page, site: Site) -> None:
    first, second = page, page.context.new_page()
    first.goto(site.url("/accounts/login/?next=/accounts/profile/"))
    second.goto(site.url("/accounts/login/"))
    sign_in(first, USER.email)
    assert first.url == site.url("/accounts/profile/")
    sign_in(second, USER.email)
    assert second.url == site.url("/")


def test_used_callback_leads_a_signed_in_user_to_the_home_page(page: Page, site: Site) -> None:
    callbacks: list[str] = []
    page.on(
        "request",
        lambda request: callbacks.append(request.url) if "/callback/" in request.url else None,
    )
    page.goto(site.url("/accounts/login/"))
    sign_in(page, USER.email)
    assert len(callbacks) == 1
    page.goto(callbacks[0])
    assert page.url == site.url("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(USER.name)


def access_token(site: Site, email: str) -> str:
    """Return the token that `python -m infra token` prints, as in the README."""
    environment = application_environment(
        site.stack.aws,
        site.stack.pool,
        public_url=site.stack.public_url,
        login_url=site.stack.login_url,
        database_url="sqlite://",
    )
    finished = subprocess.run(
        [sys.executable, "-m", "infra", "token", "--user", email],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def test_api_accepts_an_access_token(site: Site) -> None:
    token = access_token(site, OPERATOR.email)
    answer = requests.get(
        site.url("/api/v1/me"), headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert answer.status_code == 200
    me = answer.json()
    user = site.stack.aws.cognito().admin_get_user(
        UserPoolId=site.stack.pool.user_pool_id, Username=OPERATOR.email
    )
    subs = [item["Value"] for item in user["UserAttributes"] if item["Name"] == "sub"]
    assert [me["sub"]] == subs
    assert me["groups"] == ["operators"]
    assert me["kind"] == "user"
    assert me["token_use"] == "access"
    assert me["client_id"] == site.stack.pool.web_client_id


def test_api_refuses_a_missing_and_a_malformed_token(site: Site) -> None:
    missing = requests.get(site.url("/api/v1/me"), timeout=10)
    assert missing.status_code == 401
    assert missing.headers["WWW-Authenticate"].startswith('Bearer resource_metadata="http://')
    assert missing.headers["Content-Type"] == "application/problem+json"
    token = access_token(site, USER.email)
    broken = requests.get(
        site.url("/api/v1/me"), headers={"Authorization": f"Bearer {token[:-3]}AAA"}, timeout=10
    )
    assert broken.status_code == 401
    assert 'error="invalid_token"' in broken.headers["WWW-Authenticate"]


def test_api_ignores_a_session_cookie(page: Page, site: Site) -> None:
    page.goto(site.url("/accounts/login/"))
    sign_in(page, OPERATOR.email)
    assert page.context.request.get(site.url("/api/v1/me")).status == 401


def test_no_code_state_or_token_is_in_the_log(site: Site, page: Page) -> None:
    page.goto(site.url("/accounts/login/"))
    sign_in(page, USER.email)
    expect(page.get_by_role("heading", level=1)).to_contain_text(USER.name)
    log = site.log.read_text()
    assert "/accounts/callback/" in log
    for secret in ("code=", "state=", "eyJ", DEMO_PASSWORD, site.stack.pool.web_client_secret):
        assert secret not in log
