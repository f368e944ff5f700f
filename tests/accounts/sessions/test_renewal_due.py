"""When a session is due for renewal, and how long its claims give rights."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrowserSession
from accounts.sessions import renewal
from infra.environments import ROOT


@pytest.mark.parametrize("is_ahead", [False, True], ids=["old", "in_the_future"])
@pytest.mark.parametrize(("seconds", "expected"), [(299.999, False), (300, True)])
def test_session_is_due_when_its_claims_are_five_minutes_old(
    seconds: float, is_ahead: bool, expected: bool
) -> None:
    now = timezone.now()
    age = timedelta(seconds=-seconds if is_ahead else seconds)
    assert renewal.is_due(BrowserSession(renewed_at=now - age), now) is expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(-1, True), (0, True), (0.001, False), (60, False), (60.001, True)]
)
def test_session_whose_renewal_has_just_failed_is_not_due(seconds: float, expected: bool) -> None:
    now = timezone.now()
    session = BrowserSession(
        renewed_at=now - timedelta(hours=1), ask_again_at=now + timedelta(seconds=seconds)
    )
    assert renewal.is_due(session, now) is expected


@pytest.mark.parametrize(
    ("minutes", "seconds"), [(0, 60), (7.5, 15), (12, 2.4), (14, 2), (15, 2), (20, 2)]
)
def test_session_asks_a_busy_pool_more_often_the_longer_it_has_waited(
    minutes: float, seconds: float
) -> None:
    waited = timedelta(minutes=minutes)
    pause = renewal.pause_after(waited, is_throttled=True)
    assert pause.total_seconds() == pytest.approx(seconds)
    assert renewal.pause_after(waited, is_throttled=False) == timedelta(seconds=20)


@pytest.mark.parametrize(
    ("minutes", "is_throttled", "seconds"),
    [(0, True, 60), (7.5, True, 15), (0, False, 20), (7.5, False, 20)],
)
def test_session_whose_renewal_fails_asks_again_after_the_pause(
    minutes: float, is_throttled: bool, seconds: float
) -> None:
    now = timezone.now()
    began = now - timedelta(minutes=minutes)
    session = BrowserSession(failing_since=began if minutes else None)
    renewal.note_failure(session, now, is_throttled=is_throttled)
    assert session.failing_since == began
    assert session.ask_again_at == now + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("failing_for", "expected"),
    [(timedelta(minutes=15), False), (timedelta(minutes=15, milliseconds=1), True)],
    ids=["limit", "longer"],
)
def test_session_ends_after_fifteen_minutes_of_failed_renewals(
    failing_for: timedelta, expected: bool
) -> None:
    now = timezone.now()
    session = BrowserSession(failing_since=now - failing_for)
    assert renewal.note_failure(session, now, is_throttled=False) is expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(seconds=60, minutes=15), True),
        (timedelta(seconds=60, minutes=15, milliseconds=1), False),
        (timedelta(seconds=-1), True),
    ],
    ids=["limit", "older", "in_the_future"],
)
def test_claims_give_staff_rights_for_fifteen_minutes_after_they_are_due(
    settings: Settings, age: timedelta, expected: bool
) -> None:
    settings.COGNITO_RENEW_SECONDS = 60
    now = timezone.now()
    session = BrowserSession(renewed_at=now - age)
    assert renewal.is_trusted_for_rights(session, now) is expected


def test_pool_accepts_a_refresh_token_again_for_longer_than_a_session_pauses() -> None:
    """Otherwise each refresh whose answer is lost would sign its user out."""
    template = (ROOT / "infra/cognito.yaml").read_text("utf-8")
    periods = [int(one) for one in re.findall(r"RetryGracePeriodSeconds: (\d+)", template)]
    assert periods
    assert min(periods) >= 2 * renewal.ASK_AGAIN_AFTER.total_seconds()
