"""Issuer and `sub` identify a user. No other claim does."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import RequestFactory
from pytest_django import Settings

from accounts import users
from accounts.models import AuditEvent, BrowserSession, User
from cognito.testing import WITHOUT
from tests.accounts.outcomes import assert_problem_page
from tests.support.database_steps import recorded_steps
from tests.support.provider.browser import Browser
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import NewBrowser
from tests.support.provider.people import Person
from tests.support.staff_page import STAFF_PAGE

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.support.staff_page")]

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1"


@pytest.fixture
def local_admin() -> User:
    """A superuser that was not created by a sign-in."""
    return User.objects.create(
        issuer="local",
        sub="admin",
        username="admin",
        email="admin@example.com",
        email_verified=True,
        is_staff=True,
        is_superuser=True,
    )


def user_of(person: Person) -> User:
    return User.objects.get(issuer=ISSUER, sub=person.sub)


@pytest.mark.parametrize(
    "person",
    [
        Person(username="admin"),
        Person(username="Admin"),
        Person(username="ADMIN"),
        Person(username="\uff41\uff44\uff4d\uff49\uff4e"),
        Person(username="admin", sub="admin"),
        Person(email="admin@example.com"),
        Person(email="ADMIN@example.com"),
        Person(email="admin@example.com", claims={"email_verified": False}),
        Person(email="admin@example.com", claims={"email_verified": "true"}),
        Person(claims={"identities": [{"userId": "admin"}]}),
    ],
    ids=lambda person: str((person.username, person.email, person.claims)),
)
def test_label_gives_no_rights(browser: Browser, local_admin: User, person: Person) -> None:
    browser.signed_in(person)
    user = user_of(person)
    assert user.pk != local_admin.pk
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert browser.status_of(STAFF_PAGE) == 403
    before = User.objects.get(pk=local_admin.pk)
    assert (before.email, before.is_superuser, before.last_login) == (
        "admin@example.com",
        True,
        None,
    )


def test_username_with_a_trailing_space_is_refused(browser: Browser) -> None:
    assert_problem_page(browser.sign_in(Person(username="ADMIN ")), 400)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [(True, True), (False, False), ("true", False), ("false", False), (1, False), (None, False)],
)
def test_address_is_verified_only_by_the_claim_true(
    browser: Browser, claim: Any, expected: bool
) -> None:
    person = Person(claims={"email_verified": claim})
    browser.signed_in(person)
    assert user_of(person).email_verified is expected


def test_rights_that_a_token_claims_have_no_effect(browser: Browser) -> None:
    flags = ("is_staff", "is_superuser", "custom:is_staff", "admin", "staff")
    claims: dict[str, Any] = dict.fromkeys(flags, True)
    lists = {name: ["operators"] for name in ("groups", "roles", "cognito:roles", "Cognito:Groups")}
    person = Person(claims=claims | lists)
    browser.signed_in(person)
    user = user_of(person)
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert not user.groups.exists()
    assert browser.status_of(STAFF_PAGE) == 403


def test_operator_is_staff_but_not_superuser(browser: Browser) -> None:
    person = Person(groups=["operators"])
    browser.signed_in(person)
    user = user_of(person)
    assert (user.is_staff, user.is_superuser) == (True, False)
    assert browser.status_of(STAFF_PAGE) == 200


def test_superuser_group_makes_superusers_who_are_staff(
    browser: Browser, settings: Settings
) -> None:
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"owners"})
    person = Person(groups=["owners"])
    browser.signed_in(person)
    user = user_of(person)
    assert (user.is_staff, user.is_superuser) == (True, True)


@pytest.mark.parametrize(
    "groups",
    # `tests/cognito/tokens/test_claim_checks.py` has more of the first kind.
    ["operators", {"operators": True}, ["operators", "\0"], ["Operators"], ["operator"], WITHOUT],
    ids=repr,
)
def test_malformed_groups_give_no_rights(browser: Browser, groups: Any) -> None:
    person = Person(claims={"cognito:groups": groups})
    browser.signed_in(person)
    assert not user_of(person).is_staff
    assert not user_of(person).groups.exists()
    assert browser.status_of(STAFF_PAGE) == 403


def test_cognito_groups_give_the_django_groups_of_the_same_names(browser: Browser) -> None:
    Group.objects.create(name="editors")
    person = Person(groups=["editors", "not here", "operators"])
    browser.signed_in(person)
    assert set(user_of(person).groups.values_list("name", flat=True)) == {"editors", "operators"}
    person.groups = ["editors"]
    browser.signed_in(person)
    assert [group.name for group in user_of(person).groups.all()] == ["editors"]
    assert not user_of(person).is_staff
    details = AuditEvent.objects.filter(action="group_change").values_list("detail", flat=True)
    assert list(details.order_by("pk")) == ["editors, not here, operators", "editors"]


@pytest.mark.parametrize("ends_with", ["sign-in", "renewal"])
@pytest.mark.parametrize("given", ["flags", "group", "permission"])
def test_rights_given_by_hand_are_removed_by_a_sign_in_or_renewal(
    browser: Browser, clock: Clock, *, given: str, ends_with: str
) -> None:
    person = Person()
    browser.signed_in(person)
    user = user_of(person)
    match given:
        case "flags":
            user.is_staff = user.is_superuser = True
            user.save()
        case "group":
            user.groups.add(Group.objects.get(name="operators"))
        case "permission":
            user.user_permissions.add(Permission.objects.get(codename="delete_users"))
    if ends_with == "sign-in":
        browser.signed_in(person)
    else:
        clock.advance(301)
        assert browser.is_signed_in()
    user = user_of(person)
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert not user.groups.exists()
    assert not user.user_permissions.exists()
    assert not user.get_all_permissions()
    assert browser.status_of(STAFF_PAGE) == 403
    assert AuditEvent.objects.filter(action="group_change").count() == 1


@pytest.mark.parametrize("ends_with", ["sign-in", "renewal"])
@pytest.mark.parametrize(("group", "flags"), [("helpers", (True, False)), ("owners", (True, True))])
def test_change_of_each_flag_is_recorded_once_and_no_change_is_not(  # noqa: PLR0917 # fixtures
    browser: Browser,
    clock: Clock,
    settings: Settings,
    group: str,
    flags: tuple[bool, bool],
    ends_with: str,
) -> None:
    """Only the flags change, because no Django group has the name of these groups."""
    settings.COGNITO_STAFF_GROUPS = frozenset({"helpers"})
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"owners"})

    def follow() -> User:
        if ends_with == "sign-in":
            browser.signed_in(person)
        else:
            clock.advance(301)
            assert browser.is_signed_in()
        return user_of(person)

    def recorded() -> list[str]:
        events = AuditEvent.objects.filter(action="group_change", actor_sub=person.sub)
        return list(events.order_by("pk").values_list("detail", flat=True))

    person = Person()
    browser.signed_in(person)
    follow()
    assert recorded() == []
    person.groups = [group]
    for _ in range(3):
        user = follow()
        assert (user.is_staff, user.is_superuser) == flags
        assert recorded() == [group]
    person.name = "Ada King"
    assert follow().name == "Ada King"
    assert recorded() == [group], "a label gives no rights"
    person.groups = []
    for _ in range(2):
        user = follow()
        assert (user.is_staff, user.is_superuser) == (False, False)
        assert recorded() == [group, ""]


def test_change_between_operator_and_superuser_is_recorded(
    browser: Browser, settings: Settings
) -> None:
    """Only `is_superuser` changes, because no Django group has the name of these groups."""
    settings.COGNITO_STAFF_GROUPS = frozenset({"helpers"})
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({"owners"})
    person = Person(groups=["helpers"])
    for groups in (["helpers"], ["owners"], ["helpers"]):
        person.groups = groups
        browser.signed_in(person)
    details = AuditEvent.objects.filter(action="group_change").order_by("pk")
    assert list(details.values_list("detail", flat=True)) == ["owners", "helpers"]


@pytest.mark.parametrize("groups", [["operators"], ["operators", "not here"], []])
def test_signing_in_again_with_the_same_groups_records_no_change(
    browser: Browser, clock: Clock, groups: list[str]
) -> None:
    browser.signed_in(Person(groups=groups))
    before = AuditEvent.objects.filter(action="group_change").count()
    browser.signed_in(browser.provider.person)
    clock.advance(301)
    assert browser.is_signed_in()
    assert AuditEvent.objects.filter(action="group_change").count() == before == bool(groups)


EVERY_RIGHT = ("is_staff", "is_superuser", "group", "permission")


@pytest.mark.parametrize("changes", [*((one,) for one in EVERY_RIGHT), EVERY_RIGHT, ()], ids=str)
def test_rights_that_follow_the_pool_are_recorded_only_if_any_changed(
    changes: tuple[str, ...],
) -> None:
    user = User.objects.create(issuer=ISSUER, sub="ada", email="ada@example.com")
    user.is_staff, user.is_superuser = "is_staff" in changes, "is_superuser" in changes
    user.save()
    if "group" in changes:
        user.groups.add(Group.objects.get(name="operators"))
    if "permission" in changes:
        user.user_permissions.add(Permission.objects.get(codename="delete_users"))
    request = RequestFactory().get("/")
    for is_first in (True, False):
        row, has_changed = users.follow_groups(user, frozenset({"readers"}), request=request)
        assert has_changed is (is_first and changes != ())
        assert (row.is_staff, row.is_superuser, row.email) == (False, False, "ada@example.com")
        assert not row.get_all_permissions()
    events = AuditEvent.objects.filter(action="group_change", detail="readers")
    assert [one.actor_sub for one in events] == (["ada"] if changes else [])


def test_new_account_with_an_old_name_gets_no_rights_of_the_old_account(
    browser: Browser, new_browser: NewBrowser
) -> None:
    before = Person(username="ada", groups=["operators"])
    browser.signed_in(before)
    after = Person(username="ada", email=before.email, name=before.name)
    second = new_browser().signed_in(after)
    assert user_of(after).pk != user_of(before).pk
    assert not user_of(after).is_staff
    assert second.status_of(STAFF_PAGE) == 403


def test_users_may_have_the_same_labels(
    browser: Browser, new_browser: NewBrowser, clock: Clock
) -> None:
    first, second = Person(email="a@example.com"), Person(email="b@example.com", username="b")
    browser.signed_in(first)
    other = new_browser().signed_in(second)
    second.email, second.username, second.name = first.email, first.sub, first.name
    clock.advance(301)
    assert other.is_signed_in()
    assert user_of(second).email == user_of(first).email
    other.signed_in(second)
    assert User.objects.count() == 2


def test_sign_in_updates_the_labels_of_a_user(browser: Browser) -> None:
    person = Person(name="Ada Byron", email="byron@example.com")
    browser.signed_in(person)
    person.name, person.email = "Ada Lovelace", "lovelace@example.com"
    browser.signed_in(person)
    user = user_of(person)
    assert (user.name, user.email) == ("Ada Lovelace", "lovelace@example.com")
    assert b"Hello, Ada Lovelace" in browser.get("/").content


def test_name_with_markup_is_shown_as_text(browser: Browser) -> None:
    person = Person(
        name="<script>alert(1)</script>",
        email='"><img src=x>@example.com',
        groups=["<b>bold</b>"],
    )
    browser.signed_in(person)
    for path in ("/", "/accounts/profile/", "/accounts/logged-out/"):
        page = browser.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>" not in page


def test_user_in_a_hundred_groups_can_sign_in(browser: Browser) -> None:
    groups = [f"{number:03}{'g' * 60}" for number in range(99)] + ["operators"]
    person = Person(groups=groups)
    browser.signed_in(person)
    assert user_of(person).is_staff
    assert groups[42] in browser.get("/accounts/profile/").content.decode()


def test_disabled_user_cannot_sign_in(browser: Browser, new_browser: NewBrowser) -> None:
    person = Person(groups=["operators"])
    browser.signed_in(person)
    User.objects.update(is_active=False)
    assert not browser.is_signed_in(), "the next request ends the session"
    response = new_browser().sign_in(person)
    assert_problem_page(response, 403)
    assert b"disabled on this site" in response.content
    user = user_of(person)
    assert not user.is_active, "a sign-in does not enable the account"
    assert AuditEvent.objects.latest("pk").detail == "account_switched_off"
    User.objects.update(is_active=True)
    assert not browser.is_signed_in(), "enabling the account does not restore the session"
    assert not BrowserSession.objects.exists()
    browser.signed_in(person)


def test_rights_are_changed_under_a_lock_on_the_row(local_admin: User) -> None:
    request = RequestFactory().get("/")
    with recorded_steps() as steps:
        row, has_changed = users.follow_groups(local_admin, frozenset(), request=request)
    assert (row.is_superuser, has_changed) == (False, True)
    of_row = [step for step in steps if step.endswith(" accounts_user")]
    assert of_row == ["lock accounts_user", "update accounts_user"]


def test_nul_is_removed_from_labels_and_long_ones_are_cut(browser: Browser) -> None:
    """PostgreSQL stores neither. tests/races has the same test on PostgreSQL."""
    person = Person(
        name="A\0da" + "n" * 1_000,
        email="e\0" * 200 + "@example.com",
    )
    browser.signed_in(person)
    user = User.objects.get()
    assert user.name == "Ada" + "n" * 251
    assert user.email == "e" * 160
    for event in AuditEvent.objects.all():
        assert (event.actor_label, event.subject_label) == (user.email, user.email)
