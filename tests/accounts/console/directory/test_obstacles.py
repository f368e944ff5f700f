"""A person's page says in plain words why the person cannot sign in, and what helps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEvent, User
from accounts.rate_limits import limits
from accounts.rate_limits.counters import Counter
from accounts.sign_out import sign_out
from cognito.directory.records import DirectoryUser
from tests.accounts.console.conftest import row_of
from tests.support.pool_stub import PoolStub
from tests.support.pool_stub import user as described

pytestmark = pytest.mark.django_db

NOTHING = "Nothing that Cognito or this site reports prevents a sign-in."
DAYS = 3


class Page:
    """Ada's page for a superuser, with what the pool says about her."""

    def __init__(self, client: Client, stub: PoolStub, ada: DirectoryUser) -> None:
        self.client, self.stub, self.ada = client, stub, ada

    def __call__(self, status: str = "CONFIRMED", **members: Any) -> str:
        answer = described(status, sub=self.ada.sub, email=self.ada.email) | members
        self.stub.answer("AdminGetUser", answer)
        path = reverse("admin:accounts_directory_user", args=[self.ada.username])
        response = self.client.get(path)
        assert response.status_code == 200, response.content.decode()
        return str(response.content.decode())

    def offers(self, page: str, action: str) -> bool:
        """Return whether the section about obstacles offers the action."""
        section = page.partition('id="obstacles"')[2].partition("</section>")[0]
        return f"/{action}/" in section


@pytest.fixture
def page(root: User, client: Client, stub: PoolStub, ada: DirectoryUser) -> Page:
    policy = {"PasswordPolicy": {"TemporaryPasswordValidityDays": DAYS}}
    stub.answer("DescribeUserPool", {"UserPool": {"Policies": policy}})
    return Page(client, stub, ada)


def ago(**time: float) -> float:
    return (timezone.now() - timedelta(**time)).timestamp()


def test_nothing_prevents_the_sign_in_of_an_ordinary_user(page: Page) -> None:
    shown = page()
    assert NOTHING in shown
    assert "After five wrong passwords" in shown, "Cognito does not report its own lock"


@pytest.mark.parametrize(
    ("status", "members", "words", "action"),
    [
        ("CONFIRMED", {"Enabled": False}, "The account is disabled.", "enable"),
        ("UNCONFIRMED", {}, "has not confirmed the e-mail address", "confirm"),
        ("RESET_REQUIRED", {}, "must reset the password", "set-temporary-password"),
        ("COMPROMISED", {}, "marked the account: compromised", "set-temporary-password"),
        (
            "FORCE_CHANGE_PASSWORD",
            {"UserLastModifiedDate": ago(days=DAYS, minutes=1)},
            "The temporary password has expired.",
            "resend-invitation",
        ),
    ],
    ids=["disabled", "unconfirmed", "reset", "compromised", "expired"],
)
def test_state_that_blocks_a_sign_in_is_explained(
    page: Page, status: str, members: dict[str, Any], words: str, action: str
) -> None:
    shown = page(status, **members)
    assert words in shown
    assert NOTHING not in shown
    assert page.offers(shown, action)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "members", "words"),
    [
        ("EXTERNAL_PROVIDER", {}, "signs in with another provider"),
        (
            "FORCE_CHANGE_PASSWORD",
            {"UserLastModifiedDate": ago(days=1)},
            "must sign in with a temporary password",
        ),
        ("FORCE_CHANGE_PASSWORD", {}, "It expires after some days."),
        ("CONFIRMED", {"UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]}, "Authenticator app."),
        ("A_NEW_STATUS", {}, NOTHING),
    ],
    ids=["provider", "temporary", "unknown-expiry", "factor", "new-status"],
)
def test_state_that_a_user_can_fail_at_is_explained(
    page: Page, status: str, members: dict[str, Any], words: str
) -> None:
    shown = page(status, **members)
    assert words in shown
    assert NOTHING in shown


def test_second_factor_of_a_pool_that_requires_one_is_explained(page: Page, stub: PoolStub) -> None:
    stub.answer("DescribeUserPool", {"UserPool": {"MfaConfiguration": "ON"}})
    assert "requires a second factor, and the user has none" in page()


def test_only_passkey_is_explained(page: Page, stub: PoolStub) -> None:
    stub.answer("AdminGetUserAuthFactors", {"ConfiguredUserAuthFactors": ["WEB_AUTHN"]})
    assert "can only sign in with a passkey" in page()


def test_user_who_is_disabled_on_this_site_is_explained(page: Page, ada: DirectoryUser) -> None:
    row = row_of(ada, is_active=False)
    shown = page()
    assert "The user is disabled on this site." in shown
    assert f"/admin/accounts/user/{row.pk}/change/" in shown
    assert NOTHING not in shown


@pytest.mark.slow
@pytest.mark.parametrize("throttle", [limits.SIGN_IN, limits.CHALLENGE, limits.FIRST_FACTOR_CODE])
def test_rate_limit_is_explained_and_not_used_up(
    page: Page, ada: DirectoryUser, throttle: limits.Throttle
) -> None:
    counter = Counter(f"{throttle.purpose} of", ada.email)
    for _ in range(throttle.per_account.attempts - 1):
        assert counter.count(throttle.per_account) == 0
    assert NOTHING in page(), "one attempt is left"
    assert counter.count(throttle.per_account) == 0, "the page has not used it"
    shown = page()
    assert "rate limit refuses sign-ins of this account" in shown
    assert "in 15 minutes" in shown


def test_ended_sign_ins_and_failed_ones_are_explained(page: Page, ada: DirectoryUser) -> None:
    sign_out.sign_out_by_operator(
        issuer=row_of(ada).issuer, sub=ada.sub, is_signed_out_at_cognito=True
    )
    for label, detail in ((ada.email, "not_authorized"), ("bob@example.com", "code_mismatch")):
        AuditEvent.objects.create(
            action="sign_in", outcome="failure", subject_label=label, detail=detail
        )
    shown = page()
    assert "A new sign-in works." in shown
    assert ": Cognito did not accept the credentials." in shown
    assert "This code is wrong" not in shown, "it is another user's"
    assert shown.count("data-event=") == 1


def test_operator_without_a_second_factor_is_explained(
    page: Page, stub: PoolStub, settings: Settings
) -> None:
    stub.answer("AdminListGroupsForUser", {"Groups": [{"GroupName": "operators"}]})
    assert NOTHING in page()
    stub.operator_members = {"UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]}
    settings.COGNITO_STAFF_REQUIRE_MFA = True
    assert "may not enter the console without a second factor" in page()


def test_group_that_does_not_open_the_console_is_explained(page: Page, stub: PoolStub) -> None:
    group = Group.objects.create(name="support")
    group.permissions.set(Group.objects.get(name="operators").permissions.all())
    stub.answer("AdminListGroupsForUser", {"Groups": [{"GroupName": "support"}]})
    assert "do not open the console" in page()


@pytest.mark.parametrize("operation", ["DescribeUserPool", "AdminGetUserAuthFactors"])
def test_page_explains_what_it_can_while_a_call_fails(
    page: Page, stub: PoolStub, operation: str
) -> None:
    stub.refuse(operation, "AccessDeniedException")
    assert "The account is disabled." in page(Enabled=False)
