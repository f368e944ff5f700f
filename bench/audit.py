"""Measure the database time of admin pages with a million audit events on PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

EVENTS = 1_000_000
# The maximum number of milliseconds in the database for one page.
BUDGET = 300.0
LIST = "/admin/accounts/auditevent/"
# A million events of ten thousand users within ten weeks.
FILL = """
INSERT INTO accounts_auditevent
    (at, action, outcome, detail, actor_sub, actor_label, subject_sub, subject_label, user_agent,
     request_id)
SELECT now() - n * interval '6 seconds',
       (array['sign_in', 'renewal', 'sign_out', 'disable_user'])[1 + n %% 4],
       CASE WHEN n %% 50 = 0 THEN 'failure' ELSE 'success' END,
       '', 'sub-' || n %% 10000, 'user' || n %% 10000 || '@example.com',
       'sub-' || n %% 10000, 'user' || n %% 10000 || '@example.com', 'Mozilla/5.0', 'request'
FROM generate_series(1, %s) n
"""
# Counts of refused requests for the 720 hours (30 days) that are kept.
FILL_COUNTS = """
INSERT INTO accounts_refusalcount (hour, status, count)
SELECT date_trunc('hour', now()) - n * interval '1 hour', status, 100
FROM generate_series(0, 719) n, unnest(array[401, 403, 429]) status
"""
PAGES = {
    "the front page, 24 hours": "/admin/",
    "the front page, 14 days": "/admin/?range=14d",
    "the front page, 90 days": "/admin/?range=90d",
    "the list": LIST,
    "the list, filtered by action and outcome": (
        f"{LIST}?action__exact=disable_user&outcome__exact=failure"
    ),
    "the list, filtered by user": f"{LIST}?subject_sub=sub-5",
    "the list of failures since a day, without sign-ins": (
        f"{LIST}?outcome__exact=failure&without=sign_in&from=2026-01-01"
    ),
    "the list, searched for an unknown name": f"{LIST}?q=unknown",
    "the last page of the list": f"{LIST}?p=100",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A measured page: the number of queries, and the median of their total time."""

    name: str
    queries: int
    milliseconds: float


def measure(rounds: int) -> list[Page]:
    """Measure each page `rounds` times. Django must be set up with an empty database."""
    from django.core.management import call_command  # noqa: PLC0415 # as the docstring says
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(FILL, [EVENTS])
        cursor.execute(FILL_COUNTS)
        cursor.execute("VACUUM ANALYZE accounts_auditevent")
    browser = _superuser()
    return [_page(browser, name, path, rounds) for name, path in PAGES.items()]


def table(pages: list[Page]) -> str:
    """Return the pages as a Markdown table."""
    lines = [
        f"| with {EVENTS:,} events | queries | median ms in the database | budget |",
        "|---|--:|--:|--:|",
        *(
            f"| {one.name} | {one.queries} | {one.milliseconds:.0f} | {BUDGET:.0f} |"
            for one in pages
        ),
    ]
    return "\n".join(lines)


def _superuser() -> Client:
    """Return a test client with the browser session of a superuser."""
    from django.conf import settings  # noqa: PLC0415 # as above
    from django.test import Client  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from accounts.models import BrowserSession, User  # noqa: PLC0415
    from accounts.sessions import browser_sessions  # noqa: PLC0415

    root = User.objects.create(
        issuer=settings.COGNITO_ISSUER, sub="root", is_staff=True, is_superuser=True
    )
    now = timezone.now()
    session = BrowserSession.objects.create(
        user=root, signed_in_at=now, last_seen_at=now, renewed_at=now
    )
    browser = Client()
    browser.force_login(root, backend=browser_sessions.BACKEND)
    store = browser.session
    store[browser_sessions.SESSION_ID_KEY] = str(session.pk)
    store.save()
    return browser


def _page(browser: Client, name: str, path: str, rounds: int) -> Page:
    from django.db import connection  # noqa: PLC0415 # as above
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    times, count = [], 0
    for _ in range(rounds):
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} returned the status {answer.status_code}")
        times.append(1000 * sum(float(query["time"]) for query in queries))
        count = len(queries)
    return Page(name, count, median(times))
