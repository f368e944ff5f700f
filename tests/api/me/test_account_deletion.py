from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import Settings

from accounts import process
from accounts.models import AuditEvent, BrowserSession, Revocation, User
from accounts.process.revocation_list import RevocationList
from api.notes.models import Note
from cognito.testing import TokenFactory
from infra.errors import SignInProblem
from tests.api.me.conftest import PROFILE, Person
from tests.support.answers import assert_problem, assert_refused
from tests.support.caller import ME, Caller
from tests.support.pool_stub import PoolStub
from tests.support.tokens import SUB

pytestmark = [pytest.mark.django_db]


def browser_of(sub: str, issuer: str) -> BrowserSession:
    now = timezone.now()
    user = User.objects.create(issuer=issuer, sub=sub, email="ada@example.com")
    return BrowserSession.objects.create(
        user=user, signed_in_at=now, last_seen_at=now, renewed_at=now
    )


@pytest.mark.ministack
def test_deletion_removes_the_account_and_all_data_of_the_user(
    call: Caller,
    new_person: Callable[[], Person],
) -> None:
    ada, grace = new_person(), new_person()
    issuer = ada.stack.pool.issuer
    browser_of(ada.sub, issuer)
    kept = browser_of(grace.sub, issuer)
    # begin capability notes
    for person in (ada, grace):
        Note.objects.create(owner_issuer=issuer, owner_sub=person.sub, title="note")
    # end capability notes

    response = call(ada.token, ME, method="DELETE")

    assert (response.status_code, response.content) == (204, b"")
    with pytest.raises(SignInProblem):
        ada.sign_in()
    assert list(BrowserSession.objects.all()) == [kept]
    assert list(User.objects.values_list("sub", flat=True)) == [grace.sub]
    assert list(Note.objects.values_list("owner_sub", flat=True)) == [grace.sub]  # only with notes
    event = AuditEvent.objects.get()
    assert (event.action, event.outcome, event.actor_sub, event.actor_label) == (
        "account_deletion",
        "success",
        ada.sub,
        "ada@example.com",
    )
    # Load the revocations now. A process does so every five seconds.
    process.current.revocations = RevocationList()
    assert_refused(call(ada.token, ME), "token_revoked")
    assert call(grace.token, PROFILE).status_code == 200


@pytest.mark.ministack
def test_second_deletion_completes_a_partial_one(call: Caller, person: Person) -> None:
    browser_of(person.sub, person.stack.pool.issuer)
    person.stack.aws.cognito().admin_delete_user(
        UserPoolId=person.stack.pool.user_pool_id, Username=person.sub
    )

    assert call(person.token, ME, method="DELETE").status_code == 204

    assert not User.objects.exists()
    assert Revocation.objects.get().sub == person.sub


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("reset", 503),
        ("InternalErrorException", 503),
        ("html", 503),
        ("NotAuthorizedException", 401),
        ("TooManyRequestsException", 429),
    ],
)
def test_nothing_is_deleted_here_if_the_pool_keeps_the_account(
    call: Caller, stub: PoolStub, tokens: TokenFactory, answer: str, status: int
) -> None:
    browser_of(SUB, settings.COGNITO_ISSUER)
    stub.tell("DeleteUser", answer)

    assert call(tokens.access(), ME, method="DELETE").status_code == status

    assert User.objects.exists()
    assert BrowserSession.objects.exists()
    assert not Revocation.objects.exists()
    assert not AuditEvent.objects.exists()


def test_deletion_of_a_user_without_a_row_is_recorded_with_the_name_in_the_token(
    call: Caller, stub: PoolStub, tokens: TokenFactory
) -> None:
    assert call(tokens.access(), ME, method="DELETE").status_code == 204

    assert stub.operations == ["DeleteUser"]
    event = AuditEvent.objects.get()
    assert (event.actor_sub, event.actor_label) == (SUB, SUB)
    assert Revocation.objects.get().sub == SUB


@pytest.mark.parametrize(
    ("others", "status", "is_deleted"), [([], 403, False), (["grace"], 204, True)]
)
def test_last_superuser_cannot_delete_the_account(
    *,
    call: Caller,
    stub: PoolStub,
    tokens: TokenFactory,
    settings: Settings,
    others: list[str],
    status: int,
    is_deleted: bool,
) -> None:
    """The groups in the token are older than those of the pool, so the pool decides."""
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"root"})
    stub.answer("AdminListGroupsForUser", {"Groups": [{"GroupName": "root"}]})
    members = [
        {
            "Username": sub,
            "Enabled": True,
            "UserStatus": "CONFIRMED",
            "Attributes": [{"Name": "sub", "Value": sub}],
        }
        for sub in (SUB, *others)
    ]
    stub.answer("ListUsersInGroup", {"Users": members})

    response = call(tokens.access(), ME, method="DELETE")

    assert response.status_code == status
    assert bool(stub.calls("DeleteUser")) == is_deleted
    event = AuditEvent.objects.get()
    outcome = ("success", "") if is_deleted else ("failure", "last_superuser")
    assert (event.action, event.outcome, event.detail) == ("account_deletion", *outcome)
    if not is_deleted:
        assert_problem(response, 403, "last_superuser")


@pytest.mark.parametrize("fault", ["status:500", "TooManyRequestsException"])
def test_no_account_is_deleted_while_the_groups_are_unknown(
    call: Caller, stub: PoolStub, tokens: TokenFactory, settings: Settings, fault: str
) -> None:
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"root"})
    stub.tell("AdminListGroupsForUser", fault)
    assert call(tokens.access(), ME, method="DELETE").status_code in {429, 503}
    assert stub.calls("DeleteUser") == []
