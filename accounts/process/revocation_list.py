"""Whether a bearer token that verifies was revoked here: a look into memory.

Every process keeps the revocations that are in force and the users that are switched off, and asks
the database for news at most every PULL_SECONDS. A sign-out here is therefore obeyed everywhere
within twice that.

What is news is decided by the order in which rows arrive, which is that of their primary keys, and
by no clock: the clock of a database is put back now and then.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import Error as DatabaseFailure
from django.db.models import BigIntegerField, Func, Q
from django.utils import timezone

from accounts.models import Revocation, User
from cognito import deadlines
from cognito.tokens.claims import Claims

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

PULL_SECONDS = deadlines.REVOCATION_PULL_SECONDS
# Promised: a token revoked here is refused everywhere after so long. Past it, better no answer.
STALE_SECONDS = deadlines.REVOKED_SECONDS
# After a failed pull, so that each request does not wait for a database that is down.
PULL_AGAIN_SECONDS = 1.0
# A row is visible only once its transaction commits, which may be after that of a greater key. No
# request has a transaction for so long.
OVERLAP_SECONDS = 60.0
# The same for a process that has just started and does not know which keys are so young.
OVERLAP_ROWS = 10_000
# A new process may find half a million rows. It reads them in parts, and a request waits for no
# more than LOAD_SECONDS of that; the requests after it go on after LOAD_AGAIN_SECONDS.
PART = 5_000
LOAD_SECONDS = 0.25
LOAD_AGAIN_SECONDS = 0.1
# How often what has expired is dropped from memory.
DROP_SECONDS = 300.0


class RevocationsUnavailable(Exception):
    """The database did not tell what was revoked: a token can be neither taken nor refused.

    Attributes:
        reason: for the log.
    """

    dependency = "The database"
    code = "revocations_unavailable"
    message = "Tokens cannot be checked right now."
    retry_after = 10

    def __init__(self, *, reason: str) -> None:
        super().__init__(self.message)
        self.reason = reason


class _Seconds(Func):
    """A moment in whole seconds, rounded down. Making half a million datetimes takes 6 s."""

    output_field = BigIntegerField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> Any:
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
        return self.as_sql(compiler, connection, template=template)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        # Without the fraction, which strftime would round.
        template = "CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS INT)"
        return self.as_sql(compiler, connection, template=template)


# Rounded up, so that no row counts for too short.
_EXPIRES: Final = _Seconds("expires_at") + 1


class RevocationList:
    """The revocations in force. Safe to use from many threads; one of them at a time asks.

    Rows are kept by issuer, and then by `origin_jti` or `sub`, in one number each: half a million
    of them are to fit into memory.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        # When the row expires.
        self._sign_ins: dict[str, dict[str, int]] = {}
        # Both moments of the row (_packed).
        self._users: dict[str, dict[str, int]] = {}
        self._switched_off: frozenset[tuple[str, str]] = frozenset()
        # The greatest key that was read by a time, of the pulls that later ones overlap with.
        self._read_by: deque[tuple[float, int]] = deque()
        self._cursor = self._greatest = 0
        self._pull_began: float | None = None
        self._pulled_at = -math.inf
        self._pull_at = -math.inf
        self._drop_at = -math.inf
        self._failure = ""

    @property
    def is_complete(self) -> bool:
        """Whether this process has read every row that there was when it started."""
        return bool(self._read_by)

    def is_revoked(self, claims: Claims) -> bool:
        """Whether the token is of a sign-in that ended, or of a user who is switched off.

        Raises:
            RevocationsUnavailable: the database did not tell in time.
        """
        now = self._monotonic()
        if now >= self._pull_at or not self._is_usable(now):
            self._pull_if_due()
            if not self.is_complete:
                # The list is not complete yet, which takes a new process some requests.
                return self._ask(claims)
        if (claims.issuer, claims.sub) in self._switched_off:
            return True
        if claims.origin_jti:
            expires = self._sign_ins.get(claims.issuer, {}).get(claims.origin_jti)
            if expires is not None and expires > timezone.now().timestamp():
                return True
        row = self._users.get(claims.issuer, {}).get(claims.sub)
        if row is None or signed_in_at(claims) > _until(row):
            return False
        return _expires(row) > timezone.now().timestamp()

    def _pull_if_due(self) -> None:
        if self._monotonic() >= self._pull_at and self._acquire():
            try:
                # Requests that waited meanwhile do not ask again one by one.
                if self._monotonic() >= self._pull_at:
                    self._pull()
            finally:
                self._lock.release()
        if self._is_usable(self._monotonic()):
            return
        if self._failure or self.is_complete:
            raise RevocationsUnavailable(reason=self._failure or "no answer yet")

    def _acquire(self) -> bool:
        """Become the thread that asks; or wait for it, if there is nothing to answer with."""
        has_answer = self._is_usable(self._monotonic())
        is_loading = not self.is_complete and self._cursor > 0
        if has_answer or is_loading or self._failure:
            return self._lock.acquire(blocking=False)
        seconds = deadlines.database_seconds()
        with deadlines.waiting():
            return self._lock.acquire(timeout=-1 if seconds is None else seconds)

    def _is_usable(self, now: float) -> bool:
        return now - self._pulled_at < STALE_SECONDS

    def _pull(self) -> None:
        try:
            is_complete = self._take_news()
        except DatabaseFailure as error:
            self._failure = type(error).__name__
            self._pull_at = self._monotonic() + PULL_AGAIN_SECONDS
            return
        self._failure = ""
        if is_complete:
            self._pulled_at = self._monotonic()
            self._pull_at = self._pulled_at + PULL_SECONDS
        else:
            self._pull_at = self._monotonic() + LOAD_AGAIN_SECONDS

    def _take_news(self) -> bool:
        """Read on in the rows with greater keys; return whether that was all of them."""
        began, now = self._monotonic(), timezone.now()
        if self._pull_began is None:
            self._pull_began = began
            self._cursor = self._read_by[0][1] if self._read_by else 0
        while self._read_part(now):
            if self._monotonic() - began >= LOAD_SECONDS:
                return False
        switched_off = User.objects.filter(is_active=False).values_list("issuer", "sub")
        self._switched_off = frozenset(switched_off)
        if began >= self._drop_at:
            if self.is_complete:
                self._drop_expired(now)
            self._drop_at = began + DROP_SECONDS
        self._remember_position()
        return True

    def _read_part(self, now: datetime) -> bool:
        """Read one part; return whether there may be more. Other threads read the list meanwhile,
        which is safe because nothing is taken out of it."""
        rows = list(
            Revocation.objects.filter(pk__gt=self._cursor, expires_at__gt=now)
            .order_by("pk")
            .values_list(
                "pk", "issuer", "origin_jti", "sub", _Seconds("signed_in_until"), _EXPIRES
            )[:PART]
        )
        for _, issuer, origin_jti, sub, until, expires in rows:
            if origin_jti:
                self._sign_ins.setdefault(issuer, {})[origin_jti] = expires
            else:
                self._users.setdefault(issuer, {})[sub] = _packed(until, expires)
        if rows:
            self._cursor = rows[-1][0]
            self._greatest = max(self._greatest, self._cursor)
        return len(rows) == PART

    def _remember_position(self) -> None:
        """Have the next pull begin with what was read OVERLAP_SECONDS before this one began."""
        began, self._pull_began = self._pull_began or 0.0, None
        if not self._read_by:
            self._read_by.append((-math.inf, max(0, self._greatest - OVERLAP_ROWS)))
        self._read_by.append((self._monotonic(), self._greatest))
        while len(self._read_by) > 1 and self._read_by[1][0] <= began - OVERLAP_SECONDS:
            self._read_by.popleft()

    def _drop_expired(self, now: datetime) -> None:
        moment = now.timestamp()
        for sign_ins in self._sign_ins.values():
            for origin_jti in [key for key, expires in sign_ins.items() if expires <= moment]:
                del sign_ins[origin_jti]
        for users in self._users.values():
            for sub in [key for key, row in users.items() if _expires(row) <= moment]:
                del users[sub]

    def _ask(self, claims: Claims) -> bool:
        """Ask the database about one token: two look-ups in indexes."""
        user = Q(issuer=claims.issuer, sub=claims.sub)
        target = user & Q(origin_jti="")
        if claims.origin_jti:
            target |= Q(issuer=claims.issuer, origin_jti=claims.origin_jti)
        in_force = Revocation.objects.filter(target, expires_at__gt=timezone.now())
        try:
            rows = list(in_force.values_list("origin_jti", "signed_in_until"))
            is_switched_off = User.objects.filter(user, is_active=False).exists()
        except DatabaseFailure as error:
            raise RevocationsUnavailable(reason=type(error).__name__) from error
        moment = signed_in_at(claims)
        return is_switched_off or any(
            origin_jti or moment <= until.timestamp() for origin_jti, until in rows
        )


def signed_in_at(claims: Claims) -> float:
    """`auth_time` stays that of the sign-in through every refresh; `iat` does not."""
    auth_time = claims.raw.get("auth_time")
    # JSON's true is an int in Python.
    if isinstance(auth_time, int) and not isinstance(auth_time, bool):
        return auth_time
    return claims.issued_at


# Two moments in whole seconds, each in its half of one integer: two of them, or a tuple, take twice
# the memory.
_HALF = 40


def _packed(until: int, expires: int) -> int:
    return until << _HALF | expires


def _until(row: int) -> int:
    return row >> _HALF


def _expires(row: int) -> int:
    return row & (1 << _HALF) - 1
