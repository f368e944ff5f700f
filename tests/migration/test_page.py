"""The page in the admin of the old site: numbers, failures and the switch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.old_site.operators import PAGE, Operator, words
from tests.support.old_site.process import OldSite, command, running

PASSWORD = "an old password"
RECENTLY, LONG_AGO = "2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
USERS: list[dict[str, Any]] = [
    {
        "username": "root",
        "email": "root@example.com",
        "raw": PASSWORD,
        "is_staff": True,
        "is_superuser": True,
        "last_login": RECENTLY,
    },
    {"username": "staff", "raw": PASSWORD, "is_staff": True},
    *(
        {"username": name, "email": f"{name}@example.com", "raw": PASSWORD, "last_login": RECENTLY}
        for name in ("ann", "bob", "cem")
    ),
    {"username": "dan", "email": "dan@example.com", "raw": PASSWORD, "last_login": LONG_AGO},
    {"username": "eve", "email": "eve@example.com", "raw": PASSWORD},
    {"username": "off", "email": "off@example.com", "raw": PASSWORD, "is_active": False},
    {"username": "none", "email": "none@example.com"},
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OldSite]:
    # The limit of one address is small, so that a test reaches it.
    with running(tmp_path_factory.mktemp("old"), USERS, ACCOUNT_LIMIT=[3, 3600]) as running_site:
        yield running_site


@pytest.fixture
def old(site: OldSite) -> OldSite:
    """A site where nothing has happened."""
    site.forget_attempts()
    for table in ("camealong", "failure", "switch"):
        site.empty(table)
    return site


@pytest.fixture
def root(old: OldSite) -> Operator:
    return Operator(old, "root", PASSWORD)


def test_page_counts_who_came_along_and_who_is_left(old: OldSite, root: Operator) -> None:
    assert "Left 6 can be migrated" in root.text()
    assert "may have signed up again at the new site" in root.text()
    assert old.knows("ann@example.com", PASSWORD)
    assert old.asks("bob@example.com", "", action="forgot_password")[1]["known"]
    assert "Migrated 0" in root.text(), "it was counted less than ten minutes ago"
    text = root.count_again()
    assert "Migrated 2 33 % 1 at sign-in, 1 with a forgotten password" in text
    assert "Left 4 can be migrated" in text
    # Dan's last sign-in is long ago, and Eve has none.
    assert "Silent for 90 days 2" in text
    # One without an address, one inactive, one without a password.
    assert "Cannot be migrated 3" in text


def test_imported_users_are_counted_when_the_report_is_recorded(
    old: OldSite, root: Operator
) -> None:
    assert old.knows("ann@example.com", PASSWORD)
    report = old.database.parent / "reconciliation.csv"
    report.write_text("pk,sub\n3,a\n4,b\n5,c\n999,d\nnone,e\n")
    told = command(old.database.parent, "record_imports", str(report))
    assert "2 users were added, 1 were known." in told
    assert "2 keys of the file are not users of this site." in told
    assert "0 users were added" in command(old.database.parent, "record_imports", str(report))
    assert "Migrated 3 50 % 1 at sign-in, 2 imported" in root.count_again()
    assert "2  came along: import" in command(old.database.parent, "migration_progress")


def test_failures_are_shown_with_their_reasons(old: OldSite, root: Operator) -> None:
    assert "No question has failed." in root.text()
    for _ in range(2):
        assert not old.knows("cem@example.com", "wrong")
    assert not old.knows("off@example.com", PASSWORD)
    assert not old.knows("unknown@example.com", PASSWORD)
    for _ in range(4):
        status = old.asks("dan@example.com", "wrong")[0]
    assert status == 429
    text = root.count_again()
    assert "The password was wrong 2 5" in text
    assert "The user is inactive 1 1" in text
    assert "No user has the address The user may have typed another address" in text
    assert "There were too many attempts for one address" in text
    assert "cem The password was wrong 2" in text
    assert "/admin/auth/user/5/change/" in root.page().text
    old.forget_attempts()
    assert old.knows("cem@example.com", PASSWORD)
    assert "cem The password was wrong" not in root.text(), "the user has come along"


def test_request_without_a_signature_is_not_counted(old: OldSite) -> None:
    assert old.send(b"{}", None)[0] == 401
    assert old.rows("failure") == []


def test_operator_switches_the_endpoint_off_and_on(old: OldSite, root: Operator) -> None:
    answer = root.switch("off")
    assert "No user is migrated at sign-in any more." in words(answer)
    assert "an operator has switched it off" in words(answer)
    assert "Switched off (root)" in words(answer)
    assert old.asks("ann@example.com", PASSWORD) == (410, {"error": "switched off"})
    assert "Switched on (root)" in words(root.switch("on"))
    assert old.knows("ann@example.com", PASSWORD)
    assert "of the admin: Switched off." in old.written()


def test_operator_can_end_the_migration_earlier_but_not_later(old: OldSite, root: Operator) -> None:
    today = datetime.now(UTC).date()
    refused = root.switch("until", until="3000-01-01")
    assert refused.status_code == 400
    assert "Only the setting can allow more." in words(refused)
    for wrong, message in (("", "Enter the last day."), ("soon", "Enter a date such as")):
        assert message in words(root.switch("until", until=wrong))
    yesterday = (today - timedelta(days=1)).isoformat()
    assert "This day has passed." in words(root.switch("until", until=yesterday))
    assert old.rows("switch")[0][1:3] == (0, None), "nothing was changed"
    # A day that has just ended during the test would not be accepted.
    tomorrow = (today + timedelta(days=1)).isoformat()
    assert f"Switched on until {tomorrow} (root)" in words(root.switch("until", until=tomorrow))
    assert old.knows("ann@example.com", PASSWORD)
    old.ends_on(yesterday)
    assert old.asks("ann@example.com", PASSWORD)[0] == 410
    assert "the last day was" in root.text()


def test_setting_that_has_ended_cannot_be_extended(tmp_path: Any) -> None:
    with running(tmp_path, USERS, UNTIL="2020-01-01") as site:
        root = Operator(site, "root", PASSWORD)
        assert "Only a developer can allow a later one" in root.text()
        root.switch("on")
        assert site.asks("ann@example.com", PASSWORD)[0] == 410


def test_switch_asks_for_the_password(old: OldSite, root: Operator) -> None:
    for _ in range(5):
        refused = root.switch("off", password="wrong")
        assert refused.status_code == 400
        assert "The password is wrong. Enter it again." in words(refused)
    assert "Try again in 15 minutes." in words(root.switch("off"))
    assert old.knows("ann@example.com", PASSWORD)


def test_page_needs_permissions(old: OldSite) -> None:
    assert Operator(old, "staff", PASSWORD).page().status_code == 403
    old.allow("staff", "view_switch")
    staff = Operator(old, "staff", PASSWORD)
    assert "You need the permission to change the migration." in staff.text()
    assert staff.switch("off").status_code == 403
    assert PAGE in staff.page("/admin/").text


def test_database_that_counts_too_slowly_is_stopped(old: OldSite, root: Operator) -> None:
    assert "Left 6" in root.text()
    code = (
        "from migration import progress, conf\n"
        "progress._STEPS = 1\n"
        "try:\n"
        "    progress.count(conf.configuration(), seconds=0)\n"
        "except progress.TookTooLong:\n"
        "    print('stopped')\n"
    )
    assert "stopped" in command(old.database.parent, "shell", "-c", code)
    assert "Left 6" in root.text(), "the former numbers are left"


# begin capability german
def test_page_is_german(old: OldSite) -> None:
    text = Operator(old, "root", PASSWORD, language="de").text()
    assert "Offen 6" in text
    for english in ("Left", "Migrated", "Failures", "Switch", "Save", "password"):
        assert english not in text


# end capability german
