"""A hostile provider: each token or token answer is wrong in one way."""

from __future__ import annotations

import logging

import pytest
from pytest_django import Settings

from accounts.models import AuditEvent, User
from tests.accounts.outcomes import (
    assert_no_user_is_signed_in,
    assert_problem_page,
    assert_the_next_sign_in_works,
)
from tests.support.provider import answer_faults, id_token_faults
from tests.support.provider.browser import Browser
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("fault", id_token_faults.REFUSED)
def test_id_token_that_does_not_match_the_sign_in_is_refused(
    browser: Browser, provider: Provider, fault: str
) -> None:
    provider.behave(token=fault)
    assert_problem_page(browser.sign_in(), 400)
    assert provider.hits("/evil/jwks.json") == 0
    assert provider.hits("jwks") <= 1
    assert_no_user_is_signed_in(browser)
    assert_the_next_sign_in_works(browser)


def test_id_token_of_an_earlier_sign_in_is_refused(
    browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    new_browser().signed_in()
    User.objects.all().delete()
    provider.behave(token="replayed")
    assert_problem_page(browser.sign_in(), 400)
    assert AuditEvent.objects.latest("pk").detail == "wrong_nonce"
    assert not browser.is_signed_in()


@pytest.mark.parametrize(
    ("table", "status"),
    [
        (answer_faults.REFUSED, 400),
        (answer_faults.MEANINGLESS, 502),
        (answer_faults.THROTTLED, 503),
    ],
    ids=["refused", "meaningless", "throttled"],
)
def test_every_fault_of_the_tables_is_tested(
    table: dict[str, answer_faults.AnswerFault], status: int
) -> None:
    assert all(FAULTS[name] == status for name in table)


FAULTS = {
    **dict.fromkeys(answer_faults.REFUSED, 400),
    **dict.fromkeys(answer_faults.MEANINGLESS, 502),
    **dict.fromkeys(answer_faults.THROTTLED, 503),
}


@pytest.mark.parametrize(("fault", "status"), FAULTS.items())
def test_malformed_token_answer_signs_no_user_in(
    browser: Browser, provider: Provider, fault: str, status: int
) -> None:
    provider.behave(token=fault)
    assert_problem_page(browser.sign_in(), status)
    assert provider.hits("/oauth2/token") == 1, "the code is sent only once"
    assert_no_user_is_signed_in(browser)
    assert_the_next_sign_in_works(browser)


@pytest.mark.parametrize("fault", answer_faults.ACCEPTED)
def test_unusual_but_valid_answer_is_accepted(
    browser: Browser, provider: Provider, fault: str
) -> None:
    provider.behave(token=fault)
    browser.signed_in()
    assert browser.is_signed_in()


@pytest.mark.parametrize("fault", id_token_faults.ACCEPTED)
def test_id_token_with_few_claims_is_accepted(
    browser: Browser, provider: Provider, fault: str
) -> None:
    provider.behave(token=fault)
    browser.signed_in()
    assert browser.is_signed_in()
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("fault", ["access_other_client", "wrong_aud"])
def test_tokens_of_another_client_of_the_api_sign_no_user_in(
    browser: Browser, provider: Provider, settings: Settings, fault: str
) -> None:
    settings.COGNITO_API_CLIENT_IDS = frozenset({"anotherclient"})
    provider.behave(token=fault)
    assert_problem_page(browser.sign_in(), 400)
    assert AuditEvent.objects.get().detail == "wrong_client"
    assert_no_user_is_signed_in(browser)


def test_actor_signs_no_user_in(browser: Browser, provider: Provider) -> None:
    """A browser session has no actor, so it would hide who acts for the user."""
    act = {"act": {"sub": "agent"}}
    for person in (Person(claims=act), Person(access_changes=act)):
        assert_problem_page(browser.sign_in(person), 400)
        assert AuditEvent.objects.latest("pk").detail == "invalid_claim"
    assert_no_user_is_signed_in(browser)


def test_key_that_rotates_during_a_sign_in_is_fetched(
    browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    new_browser().signed_in()
    assert provider.hits("jwks") == 1
    provider.behave(token="rotated_now")
    browser.signed_in()
    assert provider.hits("jwks") == 2


@pytest.mark.parametrize("fault", ["invalid_client", "unauthorized_client"])
def test_refused_client_is_logged_for_the_deployer(
    browser: Browser, provider: Provider, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    provider.behave(token=fault)
    response = browser.sign_in()
    errors = [one for one in caplog.records if one.levelno >= logging.ERROR]
    ours = [one for one in errors if one.name.startswith(("accounts", "cognito"))]
    assert len(ours) == 1
    assert "COGNITO_CLIENT_SECRET" in ours[0].getMessage()
    assert b"client" not in response.content.lower()


def test_wrong_client_secret_is_logged_for_the_deployer(
    browser: Browser, provider: Provider, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.COGNITO_CLIENT_SECRET = "an outdated one"
    assert_problem_page(browser.sign_in(), 502)
    assert "COGNITO_CLIENT_SECRET" in caplog.text
    assert "outdated" not in caplog.text
