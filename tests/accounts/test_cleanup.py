from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts import cleanup
from accounts.models import (
    AttemptCounter,
    BrowserSession,
    RefusalCount,
    Revocation,
    UsedLogin,
    User,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR = timedelta(hours=1)


def user() -> User:
    return User.objects.get_or_create(issuer="https://issuer.example", sub="1")[0]


def session(*, last_seen: datetime, signed_in: datetime) -> BrowserSession:
    return BrowserSession.objects.create(
        user=user(), last_seen_at=last_seen, signed_in_at=signed_in, renewed_at=last_seen
    )


def used_login(name: str, expires_at: datetime) -> UsedLogin:
    return UsedLogin.objects.create(state_digest=name, expires_at=expires_at)


def revocation(sub: str, expires_at: datetime) -> Revocation:
    return Revocation.objects.create(
        issuer="https://issuer.example", sub=sub, signed_in_until=NOW, expires_at=expires_at
    )


def test_expired_rows_are_deleted_and_others_are_kept(settings: Settings) -> None:
    settings.SESSION_IDLE_SECONDS, settings.SESSION_ABSOLUTE_SECONDS = 8 * 3600, 48 * 3600
    current = session(last_seen=NOW - HOUR, signed_in=NOW - 40 * HOUR)
    session(last_seen=NOW - 9 * HOUR, signed_in=NOW - 9 * HOUR)
    session(last_seen=NOW - HOUR, signed_in=NOW - 49 * HOUR)
    used_login("old", NOW - HOUR)
    young_login = used_login("young", NOW + HOUR)
    revocation("1", NOW - HOUR)
    in_force = revocation("2", NOW + HOUR)
    AttemptCounter.objects.create(key="old", count=5, expires_at=NOW - HOUR)
    counting = AttemptCounter.objects.create(key="young", count=5, expires_at=NOW + HOUR)
    RefusalCount.objects.create(hour=NOW - 31 * 24 * HOUR, status=401, count=5)
    shown = RefusalCount.objects.create(hour=NOW - 14 * 24 * HOUR, status=401, count=5)
    Session.objects.create(session_key="old", session_data="", expire_date=NOW - HOUR)
    young = Session.objects.create(session_key="young", session_data="", expire_date=NOW + HOUR)

    cleared = cleanup.clear(NOW)
    assert cleared.is_complete
    assert cleared.deleted == {
        "browser sessions": 2,
        "sessions": 1,
        "used logins": 1,
        "revocations": 1,
        "attempt counters": 1,
        "refusal counts": 1,
    }
    assert list(BrowserSession.objects.all()) == [current]
    assert list(Session.objects.all()) == [young]
    assert list(UsedLogin.objects.all()) == [young_login]
    assert list(Revocation.objects.all()) == [in_force]
    assert list(AttemptCounter.objects.all()) == [counting]
    assert list(RefusalCount.objects.all()) == [shown]
    assert User.objects.count() == 1


def test_many_rows_are_deleted_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "BATCH_SIZE", 3)
    for number in range(7):
        used_login(str(number), NOW - HOUR)
    assert cleanup.clear(NOW).deleted["used logins"] == 7
    assert not UsedLogin.objects.exists()


def test_tables_take_turns_until_the_time_of_a_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long table must not keep the others from being cleared, run after run."""
    monkeypatch.setattr(cleanup, "BATCH_SIZE", 1)
    # Each table takes a second.
    moments = itertools.count()
    monkeypatch.setattr(cleanup, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    for number in range(5):
        session(last_seen=NOW - 2000 * HOUR, signed_in=NOW - HOUR)
        used_login(str(number), NOW - HOUR)
    cleared = cleanup.clear(NOW, seconds=10)
    assert not cleared.is_complete
    assert cleared.deleted["browser sessions"] > 0
    assert cleared.deleted["used logins"] > 0
    assert cleared.deleted.total() < 10
    assert cleanup.clear(NOW).deleted.total() == 10 - cleared.deleted.total()


@pytest.mark.parametrize("table", range(7))
def test_expired_rows_are_found_by_an_index(table: int) -> None:
    """Otherwise each batch would read a whole table."""
    rows = cleanup._expired(NOW)[table]  # noqa: SLF001 - the queries themselves
    plan = rows.values("pk")[:1000].explain()
    assert "USING" in plan, plan
    assert "INDEX" in plan, plan
    assert "TEMP B-TREE" not in plan, plan


def test_command_prints_the_number_of_deleted_rows() -> None:
    used_login("old", NOW - HOUR)
    output = StringIO()
    call_command("clear_expired", stdout=output)
    assert "used logins: 1 deleted" in output.getvalue()
    assert "More rows" not in output.getvalue()


def test_command_says_that_it_had_too_little_time() -> None:
    used_login("old", NOW - HOUR)
    output = StringIO()
    call_command("clear_expired", "--seconds", "0", stdout=output)
    assert "More rows have expired. The next run continues." in output.getvalue()
    assert UsedLogin.objects.exists()
