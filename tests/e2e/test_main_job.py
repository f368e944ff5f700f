"""What a newcomer does first: sign in, see who you are, enter the admin, call the API, leave."""

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


def test_an_operator_signs_in_works_and_signs_out(page: Page, site: Site) -> None:
    page.goto(site.url("/"))
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    assert page.url.startswith(f"{site.stack.login_url}/login?")
    sign_in(page, OPERATOR.email)

    expect(page.get_by_role("heading", level=1)).to_contain_text(OPERATOR.name)
    assert page.url == site.url("/"), "no code or state stays in the address"

    page.get_by_role("link", name="Profile", exact=True).click()
    expect(page.get_by_role("listitem").get_by_text("operators")).to_be_visible()
    expect(page.get_by_text("This device", exact=True)).to_be_visible()

    page.get_by_role("link", name="Admin", exact=True).click()
    assert page.url == site.url("/admin/")
    page.get_by_role("link", name="Users", exact=True).click()
    expect(page.get_by_role("link", name=OPERATOR.name)).to_be_visible()
    assert page.locator("input[type=password]").count() == 0

    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    assert page.url == site.url("/accounts/logged-out/")

    page.goto(site.url("/accounts/profile/"))
    expect(page.locator("input[name=password]")).to_be_visible()
    page.goto(site.url("/admin/"))
    expect(page.locator("input[name=password]")).to_be_visible()


def test_the_admin_is_for_operators(page: Page, site: Site) -> None:
    page.goto(site.url("/admin/"))
    sign_in(page, USER.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("You may not open this page")
    assert page.locator("input[type=password]").count() == 0


def test_whoever_came_for_a_page_gets_it_after_the_sign_in(page: Page, site: Site) -> None:
    page.goto(site.url("/accounts/profile/"))
    sign_in(page, USER.email)
    assert page.url == site.url("/accounts/profile/")
    expect(page.get_by_text("You are not in a group.")).to_be_visible()


def test_two_tabs_sign_in_at_once(page: Page, site: Site) -> None:
    first, second = page, page.context.new_page()
    first.goto(site.url("/accounts/login/?next=/accounts/profile/"))
    second.goto(site.url("/accounts/login/"))
    sign_in(first, USER.email)
    assert first.url == site.url("/accounts/profile/")
    sign_in(second, USER.email)
    assert second.url == site.url("/")


def test_the_back_button_after_a_sign_in_leads_home(page: Page, site: Site) -> None:
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
    """What `python -m infra token` prints, which is the README's way."""
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


def test_the_api_takes_an_access_token(site: Site) -> None:
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


def test_the_api_refuses_who_sends_no_token_or_a_broken_one(site: Site) -> None:
    nothing = requests.get(site.url("/api/v1/me"), timeout=10)
    assert nothing.status_code == 401
    assert nothing.headers["WWW-Authenticate"] == "Bearer"
    assert nothing.headers["Content-Type"] == "application/problem+json"
    token = access_token(site, USER.email)
    broken = requests.get(
        site.url("/api/v1/me"), headers={"Authorization": f"Bearer {token[:-3]}AAA"}, timeout=10
    )
    assert broken.status_code == 401
    assert 'error="invalid_token"' in broken.headers["WWW-Authenticate"]


def test_a_session_cookie_opens_nothing_of_the_api(page: Page, site: Site) -> None:
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
