"""Another superuser who can sign in must remain. tests/races has two operators at once."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from accounts import conf
from accounts.last_superuser import require_other_superuser
from accounts.models import User
from accounts.not_allowed import LastSuperuser
from cognito.errors import CognitoUnavailable
from tests.support.database_steps import recorded_steps
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

ROOT_GROUP = "owners"


@pytest.fixture(autouse=True)
def superuser_groups(settings: Settings) -> None:
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({ROOT_GROUP})


def member(sub: str, **changed: Any) -> dict[str, Any]:
    attributes = [{"Name": "sub", "Value": sub}]
    return {
        "Username": sub,
        "Enabled": True,
        "UserStatus": "CONFIRMED",
        "Attributes": attributes,
    } | changed


def is_another_left() -> bool:
    """Return whether the rights of the superuser "ada" can be removed."""
    taken = False
    try:
        with require_other_superuser(conf.directory(), sub="ada"):
            taken = True
    except LastSuperuser:
        assert not taken
    return taken


@pytest.mark.parametrize(
    "status", ["CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED", "EXTERNAL_PROVIDER"]
)
def test_another_superuser_who_can_sign_in_is_enough(stub: PoolStub, status: str) -> None:
    stub.answer("ListUsersInGroup", {"Users": [member("ada"), member("bob", UserStatus=status)]})
    assert is_another_left()
    (asked,) = stub.calls("ListUsersInGroup")
    assert asked["GroupName"] == ROOT_GROUP


@pytest.mark.parametrize(
    "changed",
    [
        {"Enabled": False},
        {"UserStatus": "UNCONFIRMED"},
        {"UserStatus": "ARCHIVED"},
        {"UserStatus": "COMPROMISED"},
        {"UserStatus": "UNKNOWN"},
    ],
    ids=str,
)
def test_superuser_who_cannot_sign_in_is_not_counted(
    stub: PoolStub, changed: dict[str, object]
) -> None:
    stub.answer("ListUsersInGroup", {"Users": [member("ada"), member("bob", **changed)]})
    assert not is_another_left()


def test_superuser_whose_row_is_disabled_is_not_counted(stub: PoolStub, settings: Settings) -> None:
    stub.answer("ListUsersInGroup", {"Users": [member("ada"), member("bob")]})
    row = User.objects.create(issuer=settings.COGNITO_ISSUER, sub="bob", is_active=False)
    assert not is_another_left()
    row.is_active = True
    row.save()
    assert is_another_left()


def test_disabled_row_of_another_pool_is_ignored(stub: PoolStub) -> None:
    stub.answer("ListUsersInGroup", {"Users": [member("bob")]})
    User.objects.create(issuer="https://other.example", sub="bob", is_active=False)
    assert is_another_left()


def test_every_superuser_group_and_page_is_searched(stub: PoolStub, settings: Settings) -> None:
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"a-missing-group", "b-owners"})
    # The first group does not exist. The superuser is on the second page of the other group.
    stub.refuse_once("ListUsersInGroup", "ResourceNotFoundException", "Group not found.")
    stub.answer_once("ListUsersInGroup", {"Users": [member("ada")], "NextToken": "second"})
    stub.answer("ListUsersInGroup", {"Users": [member("bob")]})
    assert is_another_left()
    asked = [(one["GroupName"], one.get("NextToken")) for one in stub.calls("ListUsersInGroup")]
    assert asked == [("a-missing-group", None), ("b-owners", None), ("b-owners", "second")]


def test_five_pages_of_a_group_are_read(stub: PoolStub) -> None:
    stub.answer("ListUsersInGroup", {"Users": [member("ada")], "NextToken": "another"})
    assert not is_another_left()
    assert len(stub.calls("ListUsersInGroup")) == 5


def test_lock_is_taken_before_the_rows_and_the_pool_are_read(stub: PoolStub) -> None:
    stub.answer("ListUsersInGroup", {"Users": [member("bob")]})
    with recorded_steps() as steps:
        assert is_another_left()
    reads = [step for step in steps if step.split()[0] in {"lock", "select"}]
    assert reads == ["lock django_content_type", "select accounts_user"]


def test_changes_on_this_site_are_kept_if_the_call_fails(stub: PoolStub) -> None:
    stub.answer("ListUsersInGroup", {"Users": [member("bob")]})

    def act() -> None:
        with require_other_superuser(conf.directory(), sub="ada"):
            User.objects.create(issuer="https://other.example", sub="done here")
            raise CognitoUnavailable(reason="no answer")

    with pytest.raises(CognitoUnavailable):
        act()
    assert User.objects.filter(sub="done here").exists()
