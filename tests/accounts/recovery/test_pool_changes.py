"""The commands that list and repeat what a recovery of the user pool undoes."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.management.commands import list_pool_changes
from accounts.models import AuditEvent, BrowserSession, Revocation, User
from accounts.recovery.pool_changes import REPEATABLE, UNDONE
from tests.support.pool_stub import PoolStub, user

pytestmark = pytest.mark.django_db

Action = AuditEvent.Action
SINCE, UNTIL = "2026-01-01", "2100-01-01"


def write(action: str, *, subject: str = "ada", outcome: str = "success", **values: Any) -> int:
    event = AuditEvent(
        action=action,
        outcome=outcome,
        subject_sub=subject,
        subject_label=f"{subject}@example.com",
        **values,
    )
    event.save()
    return int(event.pk)


def printed(command: str, *arguments: str) -> str:
    output = StringIO()
    call_command(command, "--since", SINCE, "--until", UNTIL, *arguments, stdout=output)
    return output.getvalue()


def repeated(*actions: str, options: tuple[str, ...] = ()) -> list[str]:
    """Return what became of each event."""
    arguments = [part for action in actions for part in ("--action", action)]
    *lines, _ = printed("repeat_pool_changes", *arguments, *options).splitlines()
    return [line.split(" ", 2)[-1].strip() for line in lines]


def test_counts_are_of_changes_that_a_recovery_undoes() -> None:
    for action in (Action.DELETE_USER, Action.DELETE_USER, Action.ADD_TO_GROUP, Action.SIGN_IN):
        write(action)
    write(Action.DISABLE_USER, outcome="failure")
    lines = printed("list_pool_changes", "--count").splitlines()
    assert [line.split() for line in lines[1:]] == [["2", "delete_user"], ["1", "add_to_group"]]


def test_time_without_changes_says_so() -> None:
    write(Action.DELETE_USER)
    output = StringIO()
    until = f"{timezone.now() - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    call_command("list_pool_changes", "--since", SINCE, "--until", until, "--count", stdout=output)
    assert "no change of users since 2026-01-01 00:00:00 UTC" in output.getvalue()
    assert "no change of users" in printed("list_pool_changes", "--after", "9999999")


def test_list_names_actor_subject_and_group_and_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_pool_changes, "LINES", 1)
    first = write(
        Action.REMOVE_FROM_GROUP, detail="staff", actor_sub="o", actor_label="olivia@example.com"
    )
    second = write(Action.DELETE_USER)
    line, more = printed("list_pool_changes").splitlines()
    assert line.startswith(f"{first}  ")
    assert line.endswith(
        "remove_from_group [staff]: ada@example.com (ada), by olivia@example.com (o)"
    )
    assert more.endswith(f"--after {first}.")
    assert printed("list_pool_changes", "--after", str(first)).startswith(f"{second}  ")


def test_deleted_account_is_deleted_again(stub: PoolStub, settings: Settings) -> None:
    issuer = settings.COGNITO_ISSUER
    row = User.objects.create(issuer=issuer, sub="ada", email="ada@example.com")
    now = timezone.now()
    BrowserSession.objects.create(user=row, signed_in_at=now, last_seen_at=now, renewed_at=now)
    stub.answer("AdminGetUser", user(sub="ada"))
    stub.answer("AdminListGroupsForUser", {"Groups": []})
    write(Action.ACCOUNT_DELETION, actor_sub="ada")
    (line,) = repeated("account_deletion")
    assert line.endswith("ada@example.com (ada): repeated")
    assert stub.calls("AdminDeleteUser")
    assert not User.objects.filter(sub="ada").exists()
    assert not BrowserSession.objects.exists()
    assert Revocation.objects.filter(sub="ada", issuer=issuer).exists()
    latest = AuditEvent.objects.latest("pk")
    assert (latest.action, latest.actor_label) == ("account_deletion", "command line")


def test_user_who_is_gone_is_left_alone(stub: PoolStub) -> None:
    stub.refuse("AdminGetUser", "UserNotFoundException")
    write(Action.DELETE_USER)
    (line,) = repeated("delete_user")
    assert line.endswith("in force already")
    assert stub.calls("AdminDeleteUser") == []


def test_disabled_user_is_disabled_and_signed_out_again(stub: PoolStub) -> None:
    stub.answer("AdminGetUser", user(sub="ada"))
    stub.answer("AdminListGroupsForUser", {"Groups": []})
    write(Action.DISABLE_USER)
    assert repeated("disable_user")[0].endswith("repeated")
    assert stub.calls("AdminDisableUser")
    assert Revocation.objects.filter(sub="ada").exists()

    stub.answer("AdminGetUser", user(sub="ada") | {"Enabled": False})
    assert {line.rpartition(": ")[2] for line in repeated("disable_user")} == {"in force already"}
    assert len(stub.calls("AdminDisableUser")) == 1


def test_change_that_was_taken_back_is_not_repeated(stub: PoolStub) -> None:
    write(Action.DISABLE_USER)
    write(Action.ENABLE_USER)
    write(Action.REMOVE_FROM_GROUP, detail="staff")
    write(Action.ADD_TO_GROUP, detail="others")
    assert repeated("disable_user") == []
    stub.answer("AdminGetUser", user(sub="ada"))
    stub.answer("AdminListGroupsForUser", {"Groups": [{"GroupName": "staff"}]})
    (line,) = repeated("disable_user", "remove_from_group")
    assert line.endswith("repeated")
    (call,) = stub.calls("AdminRemoveUserFromGroup")
    assert call["GroupName"] == "staff"


def test_changes_of_an_attacker_are_left_out(stub: PoolStub) -> None:
    write(Action.DELETE_USER, actor_sub="mallory")
    write(Action.DELETE_USER, subject="bob", actor_sub="olivia")
    lines = repeated("delete_user", options=("--except-by", "mallory", "--dry-run"))
    assert [line.split(": ")[1] for line in lines] == ["bob@example.com (bob)"]
    assert stub.received == []


def test_last_superuser_stays(stub: PoolStub, settings: Settings) -> None:
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"owners"})
    stub.answer("AdminGetUser", user(sub="ada"))
    stub.answer("AdminListGroupsForUser", {"Groups": [{"GroupName": "owners"}]})
    stub.answer("ListUsersInGroup", {"Users": []})
    write(Action.REMOVE_FROM_GROUP, detail="owners")
    with pytest.raises(CommandError, match="1 changes failed") as error:
        repeated("remove_from_group")
    assert "last_superuser" in str(error.value)
    assert stub.calls("AdminRemoveUserFromGroup") == []


def test_outage_names_what_failed_and_the_rest_goes_on(stub: PoolStub) -> None:
    stub.answer("AdminGetUser", user(sub="ada"))
    stub.answer("AdminListGroupsForUser", {"Groups": []})
    stub.refuse("AdminDeleteUser", "InternalErrorException")
    write(Action.DELETE_USER)
    write(Action.DISABLE_USER)
    with pytest.raises(CommandError, match="1 changes failed") as error:
        repeated("delete_user", "disable_user")
    assert "ada@example.com" in str(error.value)
    assert stub.calls("AdminDisableUser")


def test_only_actions_that_take_something_away_can_be_repeated() -> None:
    assert set(REPEATABLE) <= UNDONE
    with pytest.raises(CommandError, match="invalid choice"):
        repeated("add_to_group")
