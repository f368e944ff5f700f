"""The list of revocations that each process keeps in memory.

A process reads new revocations from the database at most every PULL_SECONDS, so that each process
obeys a sign-out within twice that time. It also reads which users are switched off.

New rows are those with higher primary keys than the rows that were read before. Their timestamps
do not decide, because the clock of a database can be put back.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

from django.db import Error as DatabaseFailure
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import Revocation, identity_model
from accounts.process.revocation_rows import EXPIRES, WholeSeconds, expires_of, packed, until_of
from cognito import deadlines
from cognito.tokens.claims import Claims

logger = logging.getLogger(__name__)

PULL_SECONDS = deadlines.REVOCATION_PULL_SECONDS
# The promise: every process refuses a revoked token after this time. A process whose list is older
# answers 503.
STALE_SECONDS = deadlines.REVOKED_SECONDS
# The pause after a failed pull, so that not every request waits for a database that is down.
PULL_AGAIN_SECONDS = 1.0
# A row becomes visible when its transaction commits, which can be after that of a higher key. Each
# pull therefore repeats the rows of this time. The transactions of requests are all shorter.
OVERLAP_SECONDS = 60.0
# A process that has just started does not know when rows were written. It repeats this many rows.
OVERLAP_ROWS = 10_000
# A new process may find half a million rows. It reads them in parts. One request reads for at most
# LOAD_SECONDS, and a later one continues after LOAD_AGAIN_SECONDS.
PART = 5_000
LOAD_SECONDS = 0.25
LOAD_AGAIN_SECONDS = 0.1
# The `sub` of a row that revokes the sign-ins of all users. Cognito's are UUIDs.
EVERYONE = "*"
# How often expired revocations are dropped from memory.
DROP_SECONDS = 300.0
# A longer list would take too much of a process's memory (a million rows are 180 MB), or too much
# of the database, which sends the switched-off users at each pull. The process then asks about
# each token instead, and checks this often whether the list has become shorter.
MAX_ROWS = 1_000_000
MAX_SWITCHED_OFF = 10_000
LOOK_AGAIN_SECONDS = 300.0


class RevocationsUnavailable(Exception):
    """The database does not answer, so that a token can be neither accepted nor refused.

    Attributes:
        reason: for the log.
    """

    dependency = "The database"
    code = "revocations_unavailable"
    message = gettext_noop("Tokens cannot be checked right now.")
    retry_after = 10

    def __init__(self, *, reason: str) -> None:
        super().__init__(self.message)
        self.reason = reason


class RevocationList:
    """The revocations in force. Threads share it, and one of them at a time asks the database.

    Rows are kept by issuer, and then by `origin_jti` or `sub`. Each is one number, so that half a
    million of them fit into memory.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        # The time at which the row expires.
        self._sign_ins: dict[str, dict[str, int]] = {}
        # Both times of the row, packed into one integer by _packed.
        self._users: dict[str, dict[str, int]] = {}
        self._switched_off: frozenset[tuple[str, str]] = frozenset()
        # Time and highest key of the pulls whose rows the next pulls read again.
        self._read_by: deque[tuple[float, int]] = deque()
        self._cursor = self._greatest = 0
        self._pull_began: float | None = None
        self._pulled_at = -math.inf
        self._pull_at = -math.inf
        self._drop_at = -math.inf
        # Whether the list is longer than a process keeps, and when to count again.
        self._is_too_long = False
        self._look_again_at = -math.inf
        self._failure = ""
        # Called with the age in seconds after a failed pull, and after the one that ends a failure.
        self.on_change_of_age: Callable[[float], None] = _ignore

    @property
    def age_seconds(self) -> float:
        """The time since the list was read; infinite in a process that has not read it yet."""
        return self._monotonic() - self._pulled_at

    @property
    def is_complete(self) -> bool:
        """Whether this process has read every row that existed when it started."""
        return bool(self._read_by)

    def is_revoked(self, claims: Claims) -> bool:
        """Return whether the token's sign-in was revoked, or its user or an actor is switched off.

        Raises:
            RevocationsUnavailable: the database did not answer in time.
        """
        if self._is_too_long:
            self._look_again()
            return self._ask(claims)
        now = self._monotonic()
        if now >= self._pull_at or not self._is_usable(now):
            self._pull_if_due()
            if not self.is_complete:
                # A new process needs some requests to read the whole list.
                return self._ask(claims)
        is_revoked = self._is_in_list(claims)
        # Another thread may have emptied the list in the meantime.
        return self._ask(claims) if self._is_too_long else is_revoked

    def _is_in_list(self, claims: Claims) -> bool:
        if (claims.issuer, claims.sub) in self._switched_off:
            return True
        if claims.actors and not self._switched_off.isdisjoint(_parties(claims)):
            return True
        if claims.origin_jti:
            expires = self._sign_ins.get(claims.issuer, {}).get(claims.origin_jti)
            if expires is not None and expires > timezone.now().timestamp():
                return True
        users = self._users.get(claims.issuer)
        return users is not None and (
            _revokes(users.get(claims.sub), claims) or _revokes(users.get(EVERYONE), claims)
        )

    def _pull_if_due(self) -> None:
        if self._monotonic() >= self._pull_at and self._acquire():
            try:
                # A request that waited for another one's pull does not repeat it.
                if self._monotonic() >= self._pull_at:
                    self._pull()
            finally:
                self._lock.release()
        if self._is_usable(self._monotonic()):
            return
        if self._failure or self.is_complete:
            raise RevocationsUnavailable(reason=self._failure or "no answer yet")

    def _acquire(self) -> bool:
        """Become the thread that asks. Wait for another one only if there is no usable list."""
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
            if math.isfinite(self.age_seconds):
                self.on_change_of_age(self.age_seconds)
            return
        has_recovered, self._failure = bool(self._failure), ""
        if is_complete:
            self._pulled_at = self._monotonic()
            self._pull_at = self._pulled_at + PULL_SECONDS
            if has_recovered:
                self.on_change_of_age(0.0)
        else:
            self._pull_at = self._monotonic() + LOAD_AGAIN_SECONDS

    def _take_news(self) -> bool:
        """Read rows with higher keys. Return whether the last of them was read."""
        began, now = self._monotonic(), timezone.now()
        if self._pull_began is None:
            self._pull_began = began
            self._cursor = self._read_by[0][1] if self._read_by else 0
        has_more = True
        while has_more:
            has_more = self._read_part(now)
            if self._length > MAX_ROWS:
                return self._give_up()
            if has_more and self._monotonic() - began >= LOAD_SECONDS:
                return False
        switched_off = identity_model().switched_off().values_list("issuer", "sub")
        self._switched_off = frozenset(switched_off[: MAX_SWITCHED_OFF + 1])
        if len(self._switched_off) > MAX_SWITCHED_OFF:
            return self._give_up()
        if began >= self._drop_at:
            if self.is_complete:
                self._drop_expired(now)
            self._drop_at = began + DROP_SECONDS
        self._remember_position(self._pull_began)
        return True

    def _read_part(self, now: datetime) -> bool:
        """Read one part. Return whether there may be more.

        Other threads look into the list meanwhile. That is safe, because nothing is removed.
        """
        rows = list(
            Revocation.objects.filter(pk__gt=self._cursor, expires_at__gt=now)
            .order_by("pk")
            .values_list(
                "pk", "issuer", "origin_jti", "sub", WholeSeconds("signed_in_until"), EXPIRES
            )[:PART]
        )
        for _, issuer, origin_jti, sub, until, expires in rows:
            if origin_jti:
                self._sign_ins.setdefault(issuer, {})[origin_jti] = expires
            else:
                self._users.setdefault(issuer, {})[sub] = packed(until, expires)
        if rows:
            self._cursor = rows[-1][0]
            self._greatest = max(self._greatest, self._cursor)
        return len(rows) == PART

    @property
    def _length(self) -> int:
        return sum(len(rows) for rows in (*self._sign_ins.values(), *self._users.values()))

    def _give_up(self) -> bool:
        """Empty a list that is too long. Return that it is not complete, as `_take_news` does."""
        # Set this first, so that no thread takes the empty list for the complete one.
        self._is_too_long = True
        self._look_again_at = self._monotonic() + LOOK_AGAIN_SECONDS
        self._sign_ins, self._users, self._switched_off = {}, {}, frozenset()
        self._read_by.clear()
        self._cursor = self._greatest = 0
        self._pull_began, self._pulled_at = None, -math.inf
        logger.warning("The revocation list is too long to keep. Each token is a query now.")
        return False

    def _look_again(self) -> None:
        """Read the list again if it has become short enough. One thread at a time counts."""
        if self._monotonic() < self._look_again_at or not self._lock.acquire(blocking=False):
            return
        try:
            self._look_again_at = self._monotonic() + LOOK_AGAIN_SECONDS
            in_force = Revocation.objects.filter(expires_at__gt=timezone.now())
            self._is_too_long = (
                in_force[MAX_ROWS:].exists()
                or identity_model().switched_off()[MAX_SWITCHED_OFF:].exists()
            )
        except DatabaseFailure:
            # The query about the token fails as well, and reports it.
            pass
        finally:
            self._lock.release()

    def _remember_position(self, began: float) -> None:
        """Let the next pull start at the key reached OVERLAP_SECONDS before this pull began."""
        self._pull_began = None
        if not self._read_by:
            self._read_by.append((began, max(0, self._greatest - OVERLAP_ROWS)))
        self._read_by.append((self._monotonic(), self._greatest))
        # The newest entry is later, so that two entries always remain.
        while self._read_by[1][0] <= began - OVERLAP_SECONDS:
            self._read_by.popleft()

    def _drop_expired(self, now: datetime) -> None:
        moment = now.timestamp()
        for sign_ins in self._sign_ins.values():
            for origin_jti in [key for key, expires in sign_ins.items() if expires <= moment]:
                del sign_ins[origin_jti]
        for users in self._users.values():
            for sub in [key for key, row in users.items() if expires_of(row) <= moment]:
                del users[sub]

    def _ask(self, claims: Claims) -> bool:
        """Ask the database about one token, with two look-ups in indexes."""
        parties = Q(issuer=claims.issuer, sub=claims.sub)
        for issuer, sub in _parties(claims):
            parties |= Q(issuer=issuer, sub=sub)
        try:
            is_revoked = is_sign_in_revoked(claims)
            is_switched_off = identity_model().switched_off().filter(parties).exists()
        except DatabaseFailure as error:
            raise RevocationsUnavailable(reason=type(error).__name__) from error
        return is_revoked or is_switched_off


def is_sign_in_revoked(claims: Claims) -> bool:
    """Ask the database whether the sign-in of a token was revoked. Raises django.db.Error."""
    target = Q(issuer=claims.issuer, sub__in=(claims.sub, EVERYONE), origin_jti="")
    if claims.origin_jti:
        target |= Q(issuer=claims.issuer, origin_jti=claims.origin_jti)
    in_force = Revocation.objects.filter(target, expires_at__gt=timezone.now())
    moment = signed_in_at(claims)
    return any(
        origin_jti or moment <= until.timestamp()
        for origin_jti, until in in_force.values_list("origin_jti", "signed_in_until")
    )


def _ignore(_: float) -> None:
    """Stand for a process that keeps no metrics."""


def signed_in_at(claims: Claims) -> float:
    """Return the time of the sign-in: `auth_time`, which a refresh keeps, unlike `iat`."""
    auth_time = claims.raw.get("auth_time")
    # JSON's true is an int in Python.
    if isinstance(auth_time, int) and not isinstance(auth_time, bool):
        return auth_time
    return claims.issued_at


def _revokes(row: int | None, claims: Claims) -> bool:
    """Return whether a row of a user, or of all users, refuses the token."""
    if row is None or signed_in_at(claims) > until_of(row):
        return False
    return expires_of(row) > timezone.now().timestamp()


def _parties(claims: Claims) -> list[tuple[str, str]]:
    """Return issuer and `sub` of each actor. A user can act for another one."""
    return [(actor.issuer or claims.issuer, actor.sub) for actor in claims.actors]
