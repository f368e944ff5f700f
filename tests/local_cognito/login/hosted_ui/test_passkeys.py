"""Sign-ins by choice: the pages, and passkeys of a software authenticator."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jose import jwt
from werkzeug.test import TestResponse

from infra.local.demo import DEMO_PASSWORD, OPERATOR, USER
from infra.local.ministack import MiniStack
from infra.local.pool import Pool
from infra.tokens import access_token
from infra.users import ensure_user
from tests.local_cognito.login.conftest import (
    BASE,
    CALLBACK,
    Browser,
    answer_in,
    browser_at,
    json_of,
)
from tests.support.first_factors import first_factors
from tests.support.software_authenticator import SoftwareAuthenticator
from tests.support.totp import code_of

pytestmark = pytest.mark.ministack

UNKNOWN = "unknown@example.com"


@pytest.fixture(scope="module", autouse=True)
def _factors(shared_ministack: MiniStack, pool: Pool) -> Iterator[None]:
    with first_factors(shared_ministack.cognito(), pool.user_pool_id):
        yield


@pytest.fixture(scope="module")
def authenticator(shared_ministack: MiniStack, pool: Pool) -> SoftwareAuthenticator:
    """The authenticator of the demo user, registered at `/passkeys/add`."""
    browser, authenticator = browser_at(shared_ministack, pool), SoftwareAuthenticator(origin=BASE)
    browser.signs_in()
    added = register(browser, authenticator)
    assert added.status_code == 302, added.text
    return authenticator


def register(
    browser: Browser, authenticator: SoftwareAuthenticator, path: str = "/passkeys/add"
) -> TestResponse:
    options = json_of(browser.posts("/passkeys/creation-options"))
    credential = json.dumps(authenticator.register(options))
    return browser.posts(browser.url(path), credential=credential)


def sign_in_options(browser: Browser, username: str = "") -> dict[str, Any]:
    return json_of(browser.posts("/passkeys/sign-in-options", username=username))


def signs_in_with(
    browser: Browser, authenticator: SoftwareAuthenticator, username: str = "", **changes: str
) -> TestResponse:
    credential = json.dumps(authenticator.sign_in(sign_in_options(browser, username)))
    return browser.posts(browser.url("/login", **changes), credential=credential, username=username)


def shown(answer: TestResponse, username: str) -> str:
    """Return a page without the user name and random values."""
    text = html.unescape(answer.text).replace(username, "NAME")
    text = text.replace(username.replace("@", "%40"), "NAME")
    return re.sub(r'name="challenge" value="[^"]+"', "", text)


def challenge_of(page: TestResponse) -> str:
    key = re.search(r'name="challenge" value="([^"]+)"', page.text)
    assert key is not None, page.text
    return key[1]


def test_passkey_signs_in_without_a_name_and_a_password(
    browser: Browser, authenticator: SoftwareAuthenticator
) -> None:
    options = sign_in_options(browser)
    assert options["allowCredentials"] == []
    answer = signs_in_with(browser, authenticator, max_age="300")
    exchanged = browser.exchanges(
        grant_type="authorization_code", code=answer_in(answer)["code"], redirect_uri=CALLBACK
    )
    claims = jwt.get_unverified_claims(json_of(exchanged)["id_token"])
    assert claims["email"] == USER.email
    assert claims["amr"] == ["swk"]
    assert "code" in answer_in(browser.asks(prompt="none")), "and the browser stays signed in"


def test_passkey_signs_in_after_a_name(
    browser: Browser, authenticator: SoftwareAuthenticator
) -> None:
    [allowed] = sign_in_options(browser, USER.email.upper())["allowCredentials"]
    assert allowed["transports"] == ["internal"]
    assert "code" in answer_in(signs_in_with(browser, authenticator, USER.email))


def test_passkey_of_another_user_is_refused(
    browser: Browser, authenticator: SoftwareAuthenticator
) -> None:
    answer = signs_in_with(browser, authenticator, OPERATOR.email)
    assert answer.status_code == 400
    assert "This passkey was not accepted." in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("credential", ["", "{}", "null", "[" * 1000, '{"response": {}}'])
def test_malformed_credential_is_refused(browser: Browser, credential: str) -> None:
    answer = browser.posts(browser.url("/login"), credential=credential)
    assert answer.status_code == 400
    assert "Try again, or use another way." in answer.text


def test_credential_is_accepted_once(
    browser: Browser, authenticator: SoftwareAuthenticator
) -> None:
    credential = json.dumps(authenticator.sign_in(sign_in_options(browser)))
    assert "code" in answer_in(browser.posts(browser.url("/login"), credential=credential))
    again = browser.posts(browser.url("/login"), credential=credential)
    assert again.status_code == 400
    assert "This took too long." in again.text


def test_disabled_user_cannot_use_a_passkey(
    browser: Browser, authenticator: SoftwareAuthenticator
) -> None:
    user = {"UserPoolId": browser.pool.user_pool_id, "Username": USER.email}
    browser.aws.cognito().admin_disable_user(**user)
    try:
        answer = signs_in_with(browser, authenticator)
    finally:
        browser.aws.cognito().admin_enable_user(**user)
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers


def test_answers_are_the_same_whether_an_account_exists(
    browser: Browser, authenticator: SoftwareAuthenticator
) -> None:
    """The demo user has a passkey, the operator has none, and the third name is unknown."""
    assert authenticator.user_handle
    names = (USER.email, OPERATOR.email, UNKNOWN)
    form = browser.url("/login")
    extras: list[tuple[dict[str, str], int]] = [
        ({}, 200),
        ({"way": "EMAIL_OTP"}, 200),
        ({"password": "incorrect"}, 400),
    ]
    for extra, status in extras:
        answers = [browser.posts(form, username=name, **extra) for name in names]
        assert [answer.status_code for answer in answers] == [status] * 3
        pages = {shown(answer, name) for answer, name in zip(answers, names, strict=True)}
        assert len(pages) == 1, extra
        headers = [{**answer.headers, "Content-Length": ""} for answer in answers]
        assert headers[0] == headers[1] == headers[2]

    options = [sign_in_options(browser, name) for name in names]
    for other in options[1:]:
        assert other.keys() == options[0].keys()
        assert [each.keys() for each in other["allowCredentials"]] == [
            each.keys() for each in options[0]["allowCredentials"]
        ]
    again = sign_in_options(browser, UNKNOWN)
    assert again["allowCredentials"] == options[2]["allowCredentials"]
    assert again["challenge"] != options[2]["challenge"]


def test_pages_offer_the_ways_of_the_pool(browser: Browser, pool: Pool) -> None:
    start = browser.asks("/login")
    assert 'name="password"' not in start.text
    assert 'autocomplete="username webauthn"' in start.text
    ways = browser.posts(browser.url("/login"), username=USER.email)
    for text in ('name="password"', "Sign in with a passkey", "E-mail me a code"):
        assert text in ways.text
    assert "text message" not in ways.text
    with first_factors(browser.aws.cognito(), pool.user_pool_id, ("EMAIL_OTP",)):
        ways = browser.posts(browser.url("/login"), username=USER.email)
    assert 'name="password"' not in ways.text
    assert "Sign in with a passkey" not in ways.text
    assert "<script" not in ways.text
    with first_factors(browser.aws.cognito(), pool.user_pool_id, ("PASSWORD",)):
        only = browser.asks("/login")
    assert 'name="password"' in only.text
    assert "passkeys.js" not in only.text


def test_code_by_email_signs_in_without_a_script(browser: Browser) -> None:
    page = browser.posts(browser.url("/login"), username=USER.email, way="EMAIL_OTP")
    mailbox = browser.client.get("/mailbox", base_url=BASE).text
    code = re.search(r'class="code">(\d{8})<', mailbox)
    assert code is not None
    key = challenge_of(page)
    wrong = browser.posts(browser.url("/login"), challenge=key, code="00000000")
    assert "This code is incorrect." in wrong.text
    answer = browser.posts(
        browser.url("/login"), challenge=challenge_of(wrong), code=f" {code[1]} "
    )
    assert "code" in answer_in(answer)


def test_codes_can_be_guessed_five_times(browser: Browser) -> None:
    for name in (USER.email, UNKNOWN):
        page = browser.posts(browser.url("/login"), username=name, way="EMAIL_OTP")
        for _ in range(4):
            key = challenge_of(page)
            page = browser.posts(browser.url("/login"), challenge=key, code="00000000")
            assert "This code is incorrect." in page.text
        key = challenge_of(page)
        page = browser.posts(browser.url("/login"), challenge=key, code="00000000")
        assert "Too many incorrect answers." in page.text
        assert "Choose how to sign in" in page.text


def test_authenticator_app_follows_a_code_by_email(browser: Browser) -> None:
    """As in the local AWS: a second factor is a floor."""
    email = "two-factors@example.com"
    cognito, pool_id = browser.aws.cognito(), browser.pool.user_pool_id
    ensure_user(
        cognito, user_pool_id=pool_id, email=email, password=DEMO_PASSWORD, groups=[], name="Two"
    )
    token = access_token(
        cognito,
        client_id=browser.pool.web_client_id,
        client_secret=browser.pool.web_client_secret,
        email=email,
        password=DEMO_PASSWORD,
    )
    secret = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    cognito.verify_software_token(AccessToken=token, UserCode=code_of(secret))
    page = browser.posts(browser.url("/login"), username=email, way="EMAIL_OTP")
    mailbox = browser.client.get("/mailbox", base_url=BASE).text
    code = re.search(r'class="code">(\d{8})<', mailbox)
    assert code is not None
    page = browser.posts(browser.url("/login"), challenge=challenge_of(page), code=code[1])
    assert "authenticator app" in page.text
    answer = browser.posts(
        browser.url("/login"), challenge=challenge_of(page), code=code_of(secret)
    )
    assert "code" in answer_in(answer)


def test_password_signs_in_without_a_script(browser: Browser) -> None:
    ways = browser.posts(browser.url("/login"), username=USER.email)
    action = re.search(r'action="([^"]+)"', ways.text)
    assert action is not None
    answer = browser.posts(html.unescape(action[1]), username=USER.email, password=DEMO_PASSWORD)
    assert "code" in answer_in(answer)


def test_only_pages_with_passkeys_run_the_script_of_this_site(browser: Browser) -> None:
    for answer in (browser.asks("/login"), browser.posts(browser.url("/login"), username="x")):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src 'self'; connect-src 'self'" in policy
        assert "unsafe" not in policy
        assert '<script src="/static/passkeys.js" defer>' in answer.text
    assert "passkeys.js" not in browser.asks("/signup").text
    assert "script" not in browser.asks("/forgotPassword").headers["Content-Security-Policy"]
    script = browser.client.get("/static/passkeys.js", base_url=BASE)
    assert script.content_type == "text/javascript; charset=utf-8"


def test_passkey_is_added_with_two_parameters_and_the_app_gets_no_code(browser: Browser) -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html"""
    browser.signs_in(OPERATOR.email)
    few = {"response_type": "", "scope": "", "state": "", "nonce": ""}
    page = browser.asks("/passkeys/add", **few)
    assert page.status_code == 200
    assert OPERATOR.email in page.text
    authenticator = SoftwareAuthenticator(origin=BASE)
    options = json_of(browser.posts("/passkeys/creation-options"))
    assert options["user"]["name"] == OPERATOR.email
    credential = json.dumps(authenticator.register(options))
    added = browser.posts(browser.url("/passkeys/add", **few), credential=credential)
    assert (added.status_code, added.location) == (302, CALLBACK)
    assert "code" in answer_in(signs_in_with(browser, authenticator))
    again = browser.posts(browser.url("/passkeys/add", **few), credential=credential)
    assert again.status_code == 400
    assert 'role="alert"' in again.text


@pytest.mark.parametrize(
    "changes", [{"redirect_uri": "https://evil.example/"}, {"client_id": "unknown"}]
)
def test_passkey_page_leads_only_to_registered_addresses(
    browser: Browser, changes: dict[str, str]
) -> None:
    browser.signs_in()
    assert browser.asks("/passkeys/add", **changes).status_code == 400


def test_passkey_page_needs_a_sign_in_and_follows_it(browser: Browser) -> None:
    asked = browser.asks("/passkeys/add")
    path, _, query = asked.location.partition("?")
    assert path == "/login"
    assert browser.posts("/passkeys/creation-options").status_code == 400
    posted = browser.posts(browser.url("/passkeys/add"), credential="{}")
    assert posted.location.startswith("/login?")
    signed_in = browser.posts(f"/login?{query}", username=USER.email, password=DEMO_PASSWORD)
    target = urlsplit(signed_in.location)
    assert target.path == "/passkeys/add"
    assert "then" not in parse_qs(target.query)


def test_other_page_cannot_follow_a_sign_in(browser: Browser) -> None:
    for then in ("https://evil.example/", "//evil.example", "/logout"):
        assert "code" in answer_in(browser.signs_in(then=then))


def test_passkey_is_offered_after_a_sign_up_and_can_be_skipped(browser: Browser) -> None:
    email, password = "offered@example.com", "a long enough password"
    page = browser.posts(browser.url("/signup"), email=email, password=password)
    key = re.search(r'name="newcomer" value="([^"]+)"', page.text)
    assert key is not None
    confirmed = browser.posts(
        browser.url("/confirmUser"), email=email, code="123456", newcomer=key[1]
    )
    assert confirmed.location.startswith("/passkeys/offer?")
    offer = browser.client.get(confirmed.location, base_url=BASE)
    skip = re.search(r'href="([^"]+)">Not now', offer.text)
    assert skip is not None
    answer = browser.client.get(html.unescape(skip[1]), base_url=BASE)
    assert answer_in(answer).keys() == {"code", "state"}
    accepted = register(browser, SoftwareAuthenticator(origin=BASE), "/passkeys/offer")
    assert accepted.location.startswith("/oauth2/authorize?")


def test_pool_without_passkeys_says_so(browser: Browser, pool: Pool) -> None:
    browser.signs_in()
    with first_factors(browser.aws.cognito(), pool.user_pool_id, ("PASSWORD",)):
        page = browser.asks("/passkeys/add")
        assert "does not let users sign in with a passkey" in page.text
        refused = browser.posts("/passkeys/creation-options")
    assert refused.status_code == 400
    assert json_of(refused) == {"error": "Passkeys are not available here. Use another way."}
