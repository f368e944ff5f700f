"""The rows of every table: how many a day, for how long, and how many bytes each takes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench.scale.formulas import REVOKED_DAYS, Load, shown

if TYPE_CHECKING:
    from django.db.models import Model

# The rows that each measured table gets.
ROWS = 20_000
MINUTES = 1 / (24 * 60)
# The clean-up runs every 15 minutes.
UNTIL_CLEARED = 15 * MINUTES
FOR_EVER = float("inf")


@dataclass(frozen=True)
class Table:
    """What decides the size of a table.

    Attributes:
        a_day: new rows a day.
        days: for which a row is kept.
        why: what writes and deletes rows.
    """

    a_day: Callable[[Load], float]
    days: float
    why: str

    def standing(self, load: Load) -> float:
        """Return the rows that the table has. What is kept for ever is counted after a year."""
        return self.a_day(load) * min(self.days, 365)


def _none(load: Load) -> float:
    del load
    return 0


def _operators(load: Load) -> float:
    del load
    return 100


# The tables by the labels of their models. A test compares the labels with the existing models.
TABLES: dict[str, Table] = {
    "accounts.AttemptCounter": Table(
        # One for a day, and two for 15 minutes.
        lambda load: 3 * load.sign_ins_a_day,
        (1 + 2 * 15 * MINUTES) / 3 + UNTIL_CLEARED,
        "rate limits of each sign-in; deleted when their window has closed",
    ),
    "accounts.AuditDelivery": Table(_none, FOR_EVER, "one row: how far the stream has come"),
    "accounts.AuditEvent": Table(
        lambda load: load.events * load.sign_ins_a_day,
        365,
        "sign-ins, sign-outs, changes; `delete_old_audit_events` deletes them, here after a year",
    ),
    "accounts.BrowserSession": Table(
        lambda load: load.sign_ins_a_day,
        0.3 * 30 * MINUTES + 0.7 * 8.5 / 24 + UNTIL_CLEARED,
        "one for each sign-in; deleted at sign-out, or 8 hours after the last request",
    ),
    "accounts.RefusalCount": Table(
        lambda _: 24 * 3, 30, "refused requests, one row for each hour and status"
    ),
    "accounts.Revocation": Table(
        lambda load: load.sign_outs_a_day,
        REVOKED_DAYS + UNTIL_CLEARED,
        "one for each sign-out; deleted when the longest token has expired",
    ),
    "accounts.UsedLogin": Table(
        lambda load: load.sign_ins_a_day,
        15 * MINUTES + UNTIL_CLEARED,
        "one for each sign-in, for 15 minutes",
    ),
    "accounts.User": Table(
        # All users of the page's sizes have signed in once within a year.
        lambda load: load.users / 365,
        FOR_EVER,
        "one for each user who has signed in; deleted with the account",
    ),
    "accounts.User_groups": Table(_none, FOR_EVER, "one for each operator and group"),
    "accounts.User_user_permissions": Table(_none, FOR_EVER, "none, unless you assign permissions"),
    # begin capability console
    "admin.LogEntry": Table(_operators, FOR_EVER, "edits of operators in Django's admin"),
    # end capability console
    "auth.Group": Table(_none, FOR_EVER, "groups of operators"),
    "auth.Group_permissions": Table(_none, FOR_EVER, "permissions of these groups"),
    "auth.Permission": Table(_none, FOR_EVER, "permissions, made by migrations"),
    "contenttypes.ContentType": Table(_none, FOR_EVER, "models, made by migrations"),
    # begin capability notes
    "notes.Note": Table(_none, FOR_EVER, "the example: at most 1,000 for each user"),
    # end capability notes
    "sessions.Session": Table(
        lambda load: load.sign_ins_a_day,
        0.3 * 30 * MINUTES + 0.7 * 7 + UNTIL_CLEARED,
        "Django's own session; deleted at sign-out, or 7 days after the sign-in",
    ),
}


@dataclass(frozen=True)
class Measured:
    """Bytes of a row with its indexes, by table, and how fast expired rows are deleted."""

    bytes_of_a_row: dict[str, float]
    deleted_a_second: float


def measure(rows: int = ROWS) -> Measured:
    """Fill tables of PostgreSQL with rows of the real models, and clear those that expire."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up
    from django.utils import timezone  # noqa: PLC0415 - as above

    from accounts import cleanup  # noqa: PLC0415 - as above

    sizes: dict[str, float] = {}
    for label, instances in _instances(rows):
        model: type[Model] = type(instances[0])
        empty = _size(connection, model._meta.db_table)
        model._default_manager.bulk_create(instances, batch_size=2000)
        sizes[label] = (_size(connection, model._meta.db_table) - empty) / rows
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    # All but the trail and the users have expired a month later.
    later = timezone.now() + timedelta(days=32)
    began = time.perf_counter()
    cleared = cleanup.clear(later)
    seconds = time.perf_counter() - began
    return Measured(sizes, cleared.deleted.total() / seconds)


def _instances(rows: int) -> Iterable[tuple[str, list[Any]]]:
    """Yield rows as the product writes them, by the label of their model."""
    from django.contrib.sessions.models import Session  # noqa: PLC0415 - as above
    from django.utils import timezone  # noqa: PLC0415 - as above

    from accounts import encryption, models  # noqa: PLC0415 - as above

    now = timezone.now()
    issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_BenchPool"
    # A refresh token of Cognito has some 1,800 characters.
    sealed = encryption.encrypt("x" * 1_800)
    agent = (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
    )
    subs = [str(uuid.uuid4()) for _ in range(rows)]
    users = [
        models.User(issuer=issuer, sub=sub, username=sub, email=f"{sub[:13]}@example.com", name=sub)
        for sub in subs
    ]
    yield "accounts.User", users
    yield (
        "accounts.BrowserSession",
        [
            models.BrowserSession(
                user=user,
                refresh_token=sealed,
                origin_jti=user.sub,
                groups=[],
                user_agent=agent,
                address="203.0.113.7",
                signed_in_at=now,
                last_seen_at=now,
                renewed_at=now,
            )
            for user in users
        ],
    )
    yield (
        "accounts.AuditEvent",
        [
            models.AuditEvent(
                at=now,
                action="sign_in",
                outcome="success",
                actor_sub=sub,
                actor_label=f"{sub[:13]}@example.com",
                subject_sub=sub,
                subject_label=f"{sub[:13]}@example.com",
                address="203.0.113.7",
                user_agent=agent,
                request_id=sub,
            )
            for sub in subs
        ],
    )
    yield (
        "accounts.Revocation",
        [
            models.Revocation(
                issuer=issuer, origin_jti=sub, sub=sub, signed_in_until=now, expires_at=now
            )
            for sub in subs
        ],
    )
    digests = [uuid.uuid4().hex * 2 for _ in range(rows)]
    yield (
        "accounts.UsedLogin",
        [models.UsedLogin(state_digest=one, expires_at=now) for one in digests],
    )
    yield (
        "accounts.AttemptCounter",
        [models.AttemptCounter(key=one, count=1, expires_at=now) for one in digests],
    )
    yield (
        "sessions.Session",
        [Session(session_key=one[:32], session_data="x" * 420, expire_date=now) for one in digests],
    )


def _size(connection: Any, table: str) -> int:
    """Return the bytes of a table with its indexes and long values."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s)", [table])
        size: int = cursor.fetchone()[0]
    return size


def gigabytes(load: Load, bytes_of_a_row: dict[str, float]) -> float:
    """Return what the database stores."""
    return sum(TABLES[label].standing(load) * size / 1e9 for label, size in bytes_of_a_row.items())


def table(loads: Iterable[Load], bytes_of_a_row: dict[str, float]) -> str:
    """Return the rows of every table as a Markdown table. Constant tables have no numbers."""
    loads = list(loads)
    head = " | ".join(f"rows, {one.users:,} users" for one in loads)
    lines = [
        f"| table | new rows a day, {loads[0].users:,} users | {head} | bytes of a row | because |",
        "|---|--:|" + "--:|" * len(loads) + "--:|---|",
    ]
    for label, one in TABLES.items():
        size = bytes_of_a_row.get(label)
        cells = [
            f"`{label}`",
            shown(one.a_day(loads[0])),
            *(shown(one.standing(load)) for load in loads),
            f"{size:,.0f}" if size else "",
            one.why,
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
