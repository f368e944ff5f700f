"""The dashboard on the admin's front page: counts, and the state of the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.console import dashboard
from accounts.models import AuditEvent, RefusalCount, User
from cognito.errors import CognitoUnavailable
from tests.accounts.console.conftest import NewUser, row_of, session_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
INDEX = "/admin/"


@pytest.fixture
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def happened(ago: timedelta, action: str = "sign_in", outcome: str = "success") -> None:
    AuditEvent.objects.create(at=NOW - ago, action=action, outcome=outcome)


def totals(charts: list[dashboard.Chart]) -> dict[str, int]:
    return {chart.title: chart.total for chart in charts}


@pytest.mark.usefixtures("_at_noon")
def test_events_are_counted_per_hour_and_per_day(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(4):
        happened(timedelta(minutes=10))
    happened(timedelta(hours=1))
    happened(timedelta(hours=24))
    happened(timedelta(days=20))
    happened(timedelta(minutes=1), outcome="failure")
    happened(timedelta(minutes=1), action="sign_up")
    happened(timedelta(minutes=1), action="sign_up", outcome="failure")
    happened(timedelta(days=2), action="disable_user", outcome="failure")
    happened(timedelta(minutes=1), action="disable_user")

    with django_assert_num_queries(3):
        (_, hours), (_, days) = dashboard.charts()

    assert totals(hours) == {
        "Sign-ins": 5,
        "Failed sign-ins": 1,
        "Sign-ups": 1,
        "Other failures": 1,
        "Refused requests": 0,
    }
    assert totals(days) == {
        "Sign-ins": 6,
        "Failed sign-ins": 1,
        "Sign-ups": 1,
        "Other failures": 2,
        "Refused requests": 0,
    }
    bars = hours[0].bars
    assert (len(bars), len(days[0].bars)) == (24, 14)
    assert [(bar.label, bar.height) for bar in bars[-2:]] == [("11:00: 1", 10), ("12:00: 4", 40)]
    assert bars[0].height == 0
    assert days[0].bars[-1].label == "2026-11-20: 5"


@pytest.mark.usefixtures("_at_noon")
def test_refused_requests_are_counted_per_hour_and_per_day() -> None:
    hour = NOW.replace(minute=0)
    for ago, status, count in (
        (timedelta(), 401, 5),
        (timedelta(), 429, 1),
        (timedelta(hours=23), 403, 2),
        (timedelta(hours=24), 401, 40),
        (timedelta(days=13, hours=12), 401, 7),
        (timedelta(days=13, hours=13), 401, 1000),
    ):
        RefusalCount.objects.create(hour=hour - ago, status=status, count=count)
    (_, (*_, hours)), (_, (*_, days)) = dashboard.charts()
    assert (hours.title, hours.total, days.total) == ("Refused requests", 8, 55)
    assert (hours.parts, days.parts) == (
        "invalid token 5, denied 2, rate limit 1",
        "invalid token 52, denied 2, rate limit 1",
    )
    assert hours.bars[-1].label == "12:00: 6"
    assert [bar.label for bar in days.bars if bar.height] == [
        "2026-11-07: 7",
        "2026-11-19: 42",
        "2026-11-20: 6",
    ]


@pytest.mark.usefixtures("_at_noon")
def test_single_event_next_to_many_has_a_visible_bar() -> None:
    rows = [AuditEvent(at=NOW, action="sign_in", outcome="success") for _ in range(1000)]
    AuditEvent.objects.bulk_create(rows)
    happened(timedelta(hours=2))
    (_, (sign_ins, *_)), _ = dashboard.charts()
    assert sign_ins.bars[-3].height == 1


def entered(enter: Callable[[User], None]) -> User:
    user = User.objects.create(issuer="here", sub="olivia", is_staff=True)
    user.groups.add(Group.objects.get(name="operators"))
    enter(user)
    return user


@pytest.mark.ministack
def test_front_page_shows_the_dashboard_to_operators(
    client: Client, enter: Callable[[User], None], new_user: NewUser, settings: Any
) -> None:
    settings.GATEHOUSE_VERSION = "1.2.3 (3f2a9c1)"
    session_of(row_of(new_user()))
    entered(enter)
    page = client.get(INDEX).content.decode()
    assert 'rel="icon"' in page
    assert page.count("<svg viewBox=") == 10
    assert "<dd>2</dd>" in page
    assert "<dd>Loaded</dd>" in page
    assert "<dd>Answers</dd>" in page
    assert "<dd>Answers within 1 ms</dd>" in page or "<dd>Answers in " in page
    assert "<dd>1.2.3 (3f2a9c1)</dd>" in page
    assert "style=" not in page.split('id="content"')[1]


def test_dashboard_is_shown_while_the_user_pool_is_unavailable(
    client: Client,
    enter: Callable[[User], None],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"
    entered(enter)
    page = client.get(INDEX).content.decode()
    assert CognitoUnavailable.title in page
    assert "Not loaded" in page
    assert page.count("<svg viewBox=") == 10


def test_operator_without_permission_for_events_sees_no_counts(
    client: Client, enter: Callable[[User], None]
) -> None:
    entered(enter)
    Group.objects.get(name="operators").permissions.clear()
    assert "<svg viewBox=" not in client.get(INDEX).content.decode()
