"""Who came along, and why others did not: what the endpoint writes, and what the page counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, IntegrityError, connections, router, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from migration.conf import Configuration
from migration.models import CameAlong, Failure, Switch
from migration.people import login_field

# A user who has not signed in since then may never come along at sign-in.
SILENT = timedelta(days=90)
# The page counts again after FRESH, and stops a count after COUNT_SECONDS.
FRESH = timedelta(minutes=10)
COUNT_SECONDS = 2.0
# SQLite looks at the clock after this number of steps.
_STEPS = 20_000


class TookTooLong(Exception):
    """The database has not counted in time."""


def record_came_along(user: Any, way: str) -> None:
    """Note that this site has told the pool who the user is. It keeps the first time."""
    with suppress(DatabaseError):
        # Known already, if the row exists. SQLite refuses to write after a read in a transaction,
        # when another process has written.
        with suppress(IntegrityError), transaction.atomic():
            CameAlong(user=user, way=way, at=timezone.now()).save(force_insert=True)
        Failure.objects.filter(user=user).delete()


def record_failures(failures: Iterable[tuple[Any | None, str]]) -> None:
    """Count failures of users, or of None. A failure to count does not change the answer."""
    for user, reason in failures:
        key = hashlib.sha256(f"{reason}\n{'' if user is None else user.pk}".encode()).hexdigest()
        now = timezone.now()
        mine = Failure.objects.filter(pk=key)
        with suppress(DatabaseError):
            if mine.update(count=F("count") + 1, last_at=now):
                continue
            try:
                with transaction.atomic():
                    row = Failure(key=key, user=user, reason=reason, last_at=now)
                    row.save(force_insert=True)
            except IntegrityError:
                mine.update(count=F("count") + 1, last_at=now)


def left(configured: Configuration) -> QuerySet[Any]:
    """Return the users who can come along and have not, as far as the database can tell."""
    return _able(configured).exclude(Exists(CameAlong.objects.filter(user=OuterRef("pk"))))


def count(configured: Configuration, *, seconds: float | None = None) -> dict[str, Any]:
    """Count the users and the failures, and store the numbers.

    Args:
        seconds: None for as long as it takes.

    Raises:
        TookTooLong: the numbers stay as they were.
    """
    users = get_user_model()._default_manager
    silent_since = timezone.now() - SILENT
    with _within(seconds):
        ways = dict(CameAlong.objects.values_list("way").annotate(Count("pk")))
        everyone, remaining = users.count(), left(configured)
        figures: dict[str, Any] = {
            "users": everyone,
            "ways": ways,
            "left": remaining.count(),
            "reasons": [
                [reason, number, attempts]
                for reason, number, attempts in Failure.objects.values_list("reason")
                .annotate(Count("user"), attempts=Sum("count"))
                .order_by("-attempts", "reason")
            ],
        }
        if _has_field("last_login"):
            silent = remaining.exclude(last_login__gte=silent_since)
            figures["silent"] = silent.count()
    figures["unable"] = max(everyone - sum(ways.values()) - figures["left"], 0)
    values = {"figures": figures, "counted_at": timezone.now()}
    Switch.objects.update_or_create(pk=1, defaults=values)
    return figures


def _able(configured: Configuration) -> QuerySet[Any]:
    field = login_field(configured)
    found = get_user_model()._default_manager.exclude(
        Q(password="")
        | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        | Q(**{field: ""})
        | Q(**{f"{field}__isnull": True})
    )
    return found.filter(is_active=True) if _has_field("is_active") else found


def _has_field(name: str) -> bool:
    try:
        get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


@contextmanager
def _within(seconds: float | None) -> Iterator[None]:
    """Let the database stop the queries of the block after this time. Raises TookTooLong.

    Other databases than PostgreSQL, SQLite and MySQL have no limit.
    """
    connection = connections[router.db_for_read(get_user_model())]
    if seconds is None:
        yield
        return
    try:
        with transaction.atomic(using=connection.alias), _limit_of(connection, seconds):
            yield
    except DatabaseError as error:
        raise TookTooLong from error


@contextmanager
def _limit_of(connection: Any, seconds: float) -> Iterator[None]:
    milliseconds = int(seconds * 1000)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # It ends with the transaction.
            cursor.execute(f"SET LOCAL statement_timeout = {milliseconds}")
        yield
    elif connection.vendor == "mysql" and not connection.mysql_is_mariadb:
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION MAX_EXECUTION_TIME = {milliseconds}")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION MAX_EXECUTION_TIME = DEFAULT")
    elif connection.vendor == "sqlite":
        stop_at = timezone.now() + timedelta(seconds=seconds)
        connection.connection.set_progress_handler(lambda: timezone.now() > stop_at, _STEPS)
        try:
            yield
        finally:
            connection.connection.set_progress_handler(None, 0)
    else:
        yield
