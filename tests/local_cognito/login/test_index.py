"""The first page of the local hosted UI, its demo users, and its mailbox."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from werkzeug.test import Client

from infra.local.demo import DEMO_PASSWORD, DEMO_USERS, OPERATOR, USER
from local_cognito.login import branding
from local_cognito.login.application import PAGES, Application
from local_cognito.login.configuration import Configuration, DemoUser
from local_cognito.login.server import login_of
from tests.local_cognito.login.conftest import BASE, Browser, answer_in
from tests.support.first_factors import first_factors

pytestmark = pytest.mark.ministack

APPLICATION = "http://localhost:8000"


@pytest.fixture
def demo(browser: Browser) -> Browser:
    users = tuple(DemoUser(user.email, user.name, DEMO_PASSWORD, user.may) for user in DEMO_USERS)
    configuration = Configuration(
        port=4567,
        aws_endpoint_url=browser.aws.endpoint_url,
        user_pool_id=browser.pool.user_pool_id,
        application_url=APPLICATION,
        demo_users=users,
    )
    return replace(browser, client=Client(Application(login_of(configuration))))


def test_first_page_says_what_the_server_is_and_links_to_its_parts(demo: Browser) -> None:
    page = demo.client.get("/", base_url=BASE)
    assert page.status_code == 200
    assert "stands in for Amazon Cognito" in page.text
    links = re.findall(r'<a href="([^"]+)"', page.text)
    assert {f"{APPLICATION}/", f"{APPLICATION}/accounts/login/"} <= set(links)
    own = [link for link in links if link.startswith("/")]
    assert "/mailbox" in own
    for link in own:
        assert demo.client.get(link, base_url=BASE).status_code == 200, link
    for user in DEMO_USERS:
        assert user.email in page.text
        assert user.may in page.text


def test_first_page_needs_neither_application_nor_demo_users(browser: Browser) -> None:
    page = browser.client.get("/", base_url=BASE)
    assert page.status_code == 200
    assert "Demo users" not in page.text
    assert "demo user" not in browser.asks("/login").text


@pytest.mark.parametrize("user", DEMO_USERS, ids=lambda user: user.name)
def test_button_of_a_demo_user_signs_in(demo: Browser, user: DemoUser) -> None:
    page = demo.asks("/login").text
    assert f'name="demo_user" value="{user.email}"' in page
    assert DEMO_PASSWORD not in page
    assert "code" in answer_in(demo.posts(demo.url("/login"), demo_user=user.email))


def test_another_user_has_no_such_button(demo: Browser, browser: Browser) -> None:
    for asked, email in ((demo, "admin@example.com"), (browser, USER.email)):
        answer = asked.posts(asked.url("/login"), demo_user=email)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers


def test_demo_users_are_offered_only_where_a_password_signs_in(demo: Browser) -> None:
    cognito, pool_id = demo.aws.cognito(), demo.pool.user_pool_id
    with first_factors(cognito, pool_id, ("PASSWORD",)):
        assert OPERATOR.name in demo.asks("/login").text
    with first_factors(cognito, pool_id, ("EMAIL_OTP",)):
        assert OPERATOR.name not in demo.asks("/login").text


def test_invitation_marks_up_the_temporary_password_and_the_address(browser: Browser) -> None:
    cognito = browser.aws.cognito()
    cognito.admin_create_user(
        UserPoolId=browser.pool.user_pool_id,
        Username="invited@example.com",
        TemporaryPassword="a-secret&123456",
        UserAttributes=[{"Name": "email", "Value": "invited@example.com"}],
        DesiredDeliveryMediums=["EMAIL"],
    )
    cognito.admin_delete_user(UserPoolId=browser.pool.user_pool_id, Username="invited@example.com")
    mails = browser.client.get("/mailbox", base_url=BASE).text.split("<article")
    mail = next(mail for mail in mails if "invited@example.com" in mail)
    assert "Your account at Gatehouse" in mail
    assert '<code class="code">a-secret&amp;123456</code> and choose' in mail
    assert f'<a href="{APPLICATION}">{APPLICATION}</a>' in mail


def test_code_of_a_mail_is_marked_up(browser: Browser) -> None:
    browser.posts(browser.url("/login"), username=USER.email, way="EMAIL_OTP")
    text = browser.client.get("/mailbox", base_url=BASE).text
    assert re.search(r'<code class="code">\d{8}</code>', text)


def test_no_page_shows_another_name_than_the_sites(
    demo: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branding, "SITE_NAME", "Überall")
    for path, views in PAGES.items():
        # The mails are those of a pool that was created with another name.
        if "GET" in views and path != "/mailbox":
            page = demo.asks(path).text
            assert "Gatehouse" not in page.replace(DEMO_PASSWORD, ""), path
    assert re.search(r"<title>Local sign-in service \S Überall</title>", demo.asks("/").text)
