"""The front page of the console: who sees what, also while a service fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from cognito.errors import CognitoUnavailable
from tests.accounts.console.conftest import NewUser, row_of, session_of
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

INDEX = "/admin/"


def entered(enter: Callable[[User], None]) -> User:
    user = User.objects.create(issuer="here", sub="olivia", is_staff=True)
    user.groups.add(Group.objects.get(name="operators"))
    enter(user)
    return user


@pytest.mark.ministack
def test_front_page_shows_figures_and_the_state_of_the_services(
    client: Client, enter: Callable[[User], None], new_user: NewUser, settings: Any
) -> None:
    settings.GATEHOUSE_VERSION = "1.2.3 (3f2a9c1)"
    session_of(row_of(new_user()))
    entered(enter)
    page = client.get(INDEX).content.decode()
    assert '<dd class="value">2</dd>' in page
    assert '<span class="badge good">Answers</span>' in page
    assert '<span class="badge good">Loaded</span>' in page
    assert "Answers within 1 ms" in page or "Answers in " in page
    assert "<dd>1.2.3 (3f2a9c1)</dd>" in page
    assert "style=" not in page.split('id="content"')[1]


def test_front_page_is_shown_while_the_user_pool_is_unavailable(
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
    assert page.count('<figure class="card chart"') == 4


def test_bars_link_to_the_trail_and_the_table_has_the_same_links(
    client: Client, enter: Callable[[User], None], stub: PoolStub
) -> None:
    entered(enter)
    AuditEvent.objects.create(at=timezone.now(), action="sign_in", outcome="failure", detail="x")
    page = client.get(INDEX).content.decode()
    plot = page.partition('<div class="plot"')[2].partition("</svg>")[0]
    (bar,) = re.findall(r'<a href="([^"]+)" tabindex="-1">', plot)
    assert page.count(f'<a href="{bar}"') == 2
    listed = client.get(bar.replace("&amp;", "&")).content.decode()
    assert "Events 1 to 1 of 1" in listed


def test_range_is_chosen_by_a_link(
    client: Client, enter: Callable[[User], None], stub: PoolStub
) -> None:
    entered(enter)
    AuditEvent.objects.create(
        at=timezone.now() - timedelta(days=40), action="sign_in", outcome="success"
    )
    for key, total in (("24h", 0), ("14d", 0), ("90d", 1)):
        page = client.get(f"{INDEX}?range={key}").content.decode()
        assert f'<a href="?range={key}" aria-current="true">' in page
        ranges = page.partition('<nav class="ranges"')[2].partition("</nav>")[0]
        assert ranges.count("aria-current") == 1
        assert f"Successful <strong>{total}</strong>" in page


def test_latest_events_are_shown_in_words(
    client: Client, enter: Callable[[User], None], stub: PoolStub
) -> None:
    entered(enter)
    AuditEvent.objects.create(
        action="sign_in", outcome="failure", detail="wrong_password", subject_label="<ada>"
    )
    page = client.get(INDEX).content.decode()
    assert "<strong>&lt;ada&gt;</strong> could not sign in" in page
    assert "The password is wrong" in page


def test_operator_without_permission_for_events_sees_no_counts(
    client: Client, enter: Callable[[User], None]
) -> None:
    entered(enter)
    Group.objects.get(name="operators").permissions.clear()
    page = client.get(INDEX).content.decode()
    assert "<figure" not in page
    assert 'class="figures"' not in page
