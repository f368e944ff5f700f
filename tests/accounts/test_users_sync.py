"""What the claims of each sign-in change in the row of the user, without a browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import RequestFactory
from pytest_django import Settings

from accounts import users
from accounts.identity.adapter import AccountNotLinked, Labels, OwnUsers
from accounts.models import AuditEvent, User
from accounts.models.identity import AbstractIdentity
from cognito.testing import TokenFactory
from cognito.tokens.verifier import TokenVerifier

pytestmark = pytest.mark.django_db

Sync = Callable[..., User]
FIRST = ("first_sign_in", "")


class Members(OwnUsers):
    """Stands for the adapter of a project: it creates members only, and shows their plan."""

    def find_or_create(
        self, *, issuer: str, sub: str, labels: Labels
    ) -> tuple[AbstractIdentity, bool]:
        if labels["email"] != "member@example.com":
            raise AccountNotLinked
        return super().find_or_create(issuer=issuer, sub=sub, labels=labels)

    def signed_in(self, row: AbstractIdentity, claims: Mapping[str, Any]) -> None:
        row.name = f"{row.name} ({claims['custom:plan']})"
        row.save()


@pytest.fixture
def sync(token_factory: TokenFactory, token_verifier: TokenVerifier, settings: Settings) -> Sync:
    """Update the user of the factory from an ID token with these groups and claims."""
    settings.COGNITO_STAFF_GROUPS = frozenset({"helpers"})
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"owners"})

    def update(groups: Sequence[str] = (), **claims: Any) -> User:
        token = token_factory.id_token({"cognito:groups": groups}, **claims)
        verified = token_verifier.verify(token, token_uses=frozenset({"id"}))
        request = RequestFactory().get("/", HTTP_USER_AGENT="Firefox")
        user = users.sync_user(verified, request=request)
        assert user == User.objects.get(issuer=token_factory.issuer, sub=token_factory.sub)
        return User.objects.get(pk=user.pk)

    return update


def labels(user: User) -> tuple[str, str, str, bool]:
    return user.username, user.name, user.email, user.email_verified


def recorded() -> list[tuple[str, str]]:
    """Return action and detail of each event."""
    events = list(AuditEvent.objects.order_by("pk"))
    for one in events:
        assert (one.outcome, one.user_agent) == ("success", "Firefox")
        assert one.actor_sub == one.subject_sub != ""
    return [(one.action, one.detail) for one in events]


def test_labels_follow_the_claims_of_each_sign_in(sync: Sync, token_factory: TokenFactory) -> None:
    sub = token_factory.sub
    User.objects.create(issuer="https://other.example", sub=sub, name="Another")
    User.objects.create(issuer=token_factory.issuer, sub="another", name="Another")
    assert labels(sync()) == (sub, "Ada Lovelace", "ada@example.com", True)
    changed = sync(name="Ada King", email="king@example.com", email_verified=False)
    assert labels(changed) == (sub, "Ada King", "king@example.com", False)
    assert labels(sync(name=None, email=5)) == (sub, "", "", True)
    assert User.objects.filter(name="Another").count() == 2
    assert recorded() == [FIRST]


def test_labels_fit_their_columns_and_show_invisible_characters(sync: Sync) -> None:
    user = sync(name="n\0" * 400, email="e" * 400)
    assert (user.name, user.email) == ("n" * 128, "e" * 320)
    user = sync(name="\u202e" * 400, email="\u202e" * 400)
    assert (user.name, user.email) == (("[U+202E]" * 400)[:255], ("[U+202E]" * 400)[:320])
    user = sync(**{"cognito:username": "\u202e" * 100})
    assert user.username == ("[U+202E]" * 100)[:255]


def test_rights_follow_the_groups_of_each_sign_in_and_changes_are_recorded(sync: Sync) -> None:
    Group.objects.create(name="editors")
    steps: list[tuple[list[str], tuple[bool, bool], set[str], list[tuple[str, str]]]] = [
        (["helpers"], (True, False), set(), [FIRST]),
        (["helpers"], (True, False), set(), []),
        (
            ["owners", "editors"],
            (True, True),
            {"editors"},
            [("group_change", "editors, owners")],
        ),
        (["editors", "owners"], (True, True), {"editors"}, []),
        (["editors"], (False, False), {"editors"}, [("group_change", "editors")]),
        ([], (False, False), set(), [("group_change", "")]),
        ([], (False, False), set(), []),
    ]
    expected: list[tuple[str, str]] = []
    for groups, flags, django_groups, events in steps:
        user = sync(groups)
        assert (user.is_staff, user.is_superuser) == flags
        assert {one.name for one in user.groups.all()} == django_groups
        expected += events
        assert recorded() == expected


def test_first_sign_in_with_rights_records_both(sync: Sync) -> None:
    Group.objects.create(name="editors")
    user = sync(["editors", "helpers"])
    assert user.is_staff
    assert recorded() == [FIRST, ("group_change", "editors, helpers")]


def test_inactive_user_is_refused_and_unchanged(sync: Sync) -> None:
    user = sync()
    User.objects.update(is_active=False)
    with pytest.raises(users.AccountSwitchedOff):
        sync(["owners"], name="Ada King")
    row = User.objects.get()
    assert (row.name, row.is_superuser) == (user.name, False)
    assert recorded() == [FIRST]


def test_adapter_of_the_project_gets_labels_and_claims(sync: Sync, settings: Settings) -> None:
    settings.GATEHOUSE_USER_ADAPTER = f"{__name__}.Members"
    with pytest.raises(AccountNotLinked):
        sync(email="visitor@example.com")
    assert not User.objects.exists()
    for plan in ("gold", "free"):
        user = sync(email="member@example.com", **{"custom:plan": plan})
        assert user.name == f"Ada Lovelace ({plan})"


def test_deleted_user_gets_no_rights_and_records_no_change() -> None:
    user = User.objects.create(issuer="https://pool.example", sub="ada")
    User.objects.all().delete()
    request = RequestFactory().get("/")
    assert users.follow_groups(user, frozenset({"operators"}), request=request) == (user, False)
    assert not User.objects.exists()
    assert recorded() == []


def test_rights_are_withheld_from_the_request_but_stay_in_the_row() -> None:
    flags = {"is_staff": True, "is_superuser": True}
    request = RequestFactory().get("/")
    request.user = User.objects.create(issuer="https://pool.example", sub="ada", **flags)
    users.withhold_rights(request)
    assert (request.user.is_staff, request.user.is_superuser) == (False, False)
    assert User.objects.filter(**flags).exists()
