from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO

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

    assert dict(cleanup.clear(NOW)) == {
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
    assert dict(cleanup.clear(NOW))["used logins"] == 7
    assert not UsedLogin.objects.exists()


def test_command_prints_the_number_of_deleted_rows() -> None:
    used_login("old", NOW - HOUR)
    output = StringIO()
    call_command("clear_expired", stdout=output)
    assert "used logins: 1 deleted" in output.getvalue()
