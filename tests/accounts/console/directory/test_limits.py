"""Rate limits for operators, and for the e-mails that their actions cause."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, BrowserSession, User
from accounts.rate_limits import limits
from accounts.rate_limits.counters import Limit
from cognito.directory.records import DirectoryUser
from tests.accounts.console.conftest import USERS, Api
from tests.support.answers import assert_problem
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

VICTIM = "victim@example.com"


@pytest.fixture
def invited(stub: PoolStub, ada: DirectoryUser) -> None:
    """Make the pool answer every invitation with Ada."""
    attributes = [{"Name": "sub", "Value": ada.sub}, {"Name": "email", "Value": VICTIM}]
    stub.answer("AdminCreateUser", {"User": {"Username": ada.username, "Attributes": attributes}})
    user = {"Username": ada.username, "UserStatus": "CONFIRMED", "Enabled": True}
    stub.answer("AdminGetUser", {**user, "UserAttributes": attributes})


@pytest.mark.slow
@pytest.mark.usefixtures("invited")
def test_emails_of_operators_are_limited_by_recipient(
    api: Api, stub: PoolStub, ada: DirectoryUser
) -> None:
    for _ in range(2):
        assert api.post(USERS, email=VICTIM).status_code == 201
        assert api.do("resend-invitation", ada).status_code == 204
    assert api.do("reset-password", ada).status_code == 204

    for refused in (
        api.post(USERS, email=VICTIM.upper()),
        api.do("resend-invitation", ada),
        api.do("reset-password", ada),
    ):
        assert_problem(refused, 429, "throttled")
        assert 0 < int(refused["Retry-After"]) <= 3600

    assert len(stub.calls("AdminCreateUser")) == 4
    assert len(stub.calls("AdminResetUserPassword")) == 1
    assert set(AuditEvent.objects.filter(outcome="failure").values_list("detail", flat=True)) == {
        "throttled"
    }
    # Actions without an e-mail are still allowed.
    assert api.do("sign-out", ada).status_code == 204


@pytest.mark.usefixtures("invited", "root")
def test_admin_shows_that_an_address_reached_the_limit_of_emails(client: Client) -> None:
    address = reverse("admin:accounts_directory_invite")
    for _ in range(5):
        assert client.post(address, {"email": VICTIM}).status_code == 302

    refused = client.post(address, {"email": VICTIM})

    assert refused.status_code == 429
    assert refused["Retry-After"]
    assert "too many e-mails in the last hour" in refused.content.decode()


def test_actions_of_an_operator_and_their_events_are_limited(
    api: Api, ada: DirectoryUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OPERATOR_ACTIONS", Limit(3, 300))

    statuses = [api.do("disable", ada).status_code for _ in range(5)]

    assert statuses == [204, 204, 204, 429, 429]
    assert AuditEvent.objects.count() == 3


@pytest.mark.usefixtures("root")
def test_refused_requests_of_an_operator_and_their_events_are_limited(
    client: Client, stub: PoolStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OPERATOR_REQUESTS", Limit(3, 300))
    stub.operators["root"] = lambda: ["readers"]

    statuses = []
    for _ in range(5):
        User.objects.update(is_staff=True, is_superuser=True)
        BrowserSession.objects.update(renewed_at=timezone.now())
        statuses.append(client.post(reverse("admin:accounts_directory_bulk")).status_code)

    assert statuses == [403, 403, 403, 429, 429]
    assert AuditEvent.objects.filter(action="operator_check").count() == 3


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("email", ["ada@exam\u00adple.com", "ada@exam\u200bple.com"])
def test_invitation_with_an_invisible_character_is_refused(
    client: Client, stub: PoolStub, email: str
) -> None:
    answer = client.post(reverse("admin:accounts_directory_invite"), {"email": email})
    assert "This contains invisible characters" in answer.content.decode()
    assert stub.calls("AdminCreateUser") == []
