"""The size of the front page."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, RefusalCount, User
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.django_db

Action, Outcome = AuditEvent.Action, AuditEvent.Outcome

# The stylesheets and scripts of the console take another 18 kB, and a page has 60.
MAX_TRANSFERRED = 15_000
# A browser that comes back from the hosted UI gets the page as it is.
MAX_BYTES = 110_000


@pytest.mark.slow
@pytest.mark.parametrize("span", ["24h", "14d", "90d"])
def test_front_page_stays_small_if_every_bar_has_every_part(
    root: User, client: Client, enter: Callable[[User], None], stub: PoolStub, span: str
) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    counted = (
        (Action.SIGN_IN, Outcome.SUCCESS),
        (Action.SIGN_IN, Outcome.FAILURE),
        (Action.FIRST_SIGN_IN, Outcome.SUCCESS),
        (Action.SIGN_UP, Outcome.SUCCESS),
        (Action.SWITCH_OFF_USER, Outcome.FAILURE),
    )
    times = [hour - timedelta(hours=back) for back in range(24)]
    times += [hour - timedelta(days=back) for back in range(1, 90)]
    AuditEvent.objects.bulk_create(
        AuditEvent(at=at, action=action, outcome=outcome, subject_label="someone@example.com")
        for at in times
        for action, outcome in counted
    )
    RefusalCount.objects.bulk_create(
        RefusalCount(hour=at, status=status, count=123_456)
        for at in times
        for status in (401, 403, 429)
    )
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}
    page = client.get(f"/admin/?range={span}", headers=headers)
    assert page.status_code == 200
    text = gzip.decompress(page.content).decode()
    assert text.count("<title>") > 8 * 12
    assert len(page.content) < MAX_TRANSFERRED
    assert len(text) < MAX_BYTES
