"""A hostile provider: one answer of each kind is wrong."""

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
from tests.support.provider.fault_codes import ONE_OF_EACH
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db


def test_id_token_of_an_earlier_sign_in_is_refused(
    browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    new_browser().signed_in_at_hosted_ui()
    User.objects.all().delete()
    provider.behave(token="replayed")
    assert_problem_page(browser.sign_in(), 400)
    assert AuditEvent.objects.latest("pk").detail == "wrong_nonce"
    assert not browser.is_signed_in()


def status_of(fault: str) -> int:
    if fault in answer_faults.THROTTLED:
        return 503
    return 502 if fault in answer_faults.MEANINGLESS else 400


@pytest.mark.parametrize("fault", ONE_OF_EACH)
def test_invalid_answer_signs_no_user_in(browser: Browser, provider: Provider, fault: str) -> None:
    provider.behave(token=fault)
    assert_problem_page(browser.sign_in(), status_of(fault))
    assert provider.hits("/oauth2/token") == 1, "the code is sent only once"
    assert_no_user_is_signed_in(browser)


def test_invalid_answers_do_not_prevent_the_next_sign_in(
    browser: Browser, provider: Provider
) -> None:
    for fault in ONE_OF_EACH:
        provider.behave(token=fault)
        assert browser.sign_in().status_code == status_of(fault), fault
    assert_the_next_sign_in_works(browser)


# `test_confirmation` begins sessions with the other accepted faults.
@pytest.mark.parametrize(
    "fault", [one for one in id_token_faults.ACCEPTED if one not in id_token_faults.OF_ANOTHER_TIME]
)
def test_id_token_with_few_claims_is_accepted(
    browser: Browser, provider: Provider, fault: str
) -> None:
    provider.behave(token=fault)
    browser.signed_in_at_hosted_ui()
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
    new_browser().signed_in_at_hosted_ui()
    assert provider.hits("jwks") == 1
    provider.behave(token="rotated_now")
    browser.signed_in_at_hosted_ui()
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
