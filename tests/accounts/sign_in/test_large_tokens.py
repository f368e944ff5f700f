"""Tokens of users in many groups, at the sign-in and at a renewal."""

from __future__ import annotations

import logging

import pytest

from accounts.models import BrowserSession
from tests.accounts.outcomes import assert_no_user_is_signed_in, assert_problem_page
from tests.accounts.sessions.test_renewal import DUE, REFRESH
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

pytestmark = pytest.mark.django_db

# Cognito allows this number of groups and this length of their names.
GROUPS = [f"{number:03}".ljust(128, "x") for number in range(100)]
WIDE_GROUPS = [f"{number:03}".ljust(128, "\U0001f600") for number in range(100)]


@pytest.mark.parametrize("groups", [GROUPS, WIDE_GROUPS], ids=["ASCII", "four bytes"])
def test_user_in_a_hundred_groups_signs_in_and_is_renewed(
    browser: Browser, provider: Provider, clock: Clock, groups: list[str]
) -> None:
    browser.signed_in_at_hosted_ui(Person(groups=groups))
    assert BrowserSession.objects.get().groups == sorted(groups)
    clock.advance(DUE)
    assert browser.is_signed_in()
    assert provider.hits(REFRESH) == 1
    assert BrowserSession.objects.get().failing_since is None


def test_too_large_token_is_explained_to_user_and_deployer(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    answer = browser.sign_in(Person(claims={"custom:roles": "x" * 200_000}))
    assert_problem_page(answer, 403)
    assert "Your account is in too many groups" in answer.content.decode()
    assert "not your fault" not in answer.content.decode()
    assert_no_user_is_signed_in(browser)
    told = [line.getMessage() for line in caplog.records if line.levelno == logging.ERROR]
    assert len(told) == 1
    assert "the limit is 262144" in told[0]
