"""Whether a bearer token that verifies was revoked here: a look into memory.

Every process keeps the revocations that are in force and the users that are switched off, and asks
the database for news at most every PULL_SECONDS. A sign-out here is therefore obeyed everywhere
within twice that.
"""

from __future__ import annotations

import math
import threading
import time
from datetime import datetime, timedelta

from django.db import Error as DatabaseFailure
from django.utils import timezone

from accounts.models import Revocation, User
from cognito.claims import Claims
from cognito.errors import CognitoUnavailable

PULL_SECONDS = 5.0
# Promised: a token revoked here is refused everywhere after so long. Past it, better no answer.
STALE_SECONDS = 10.0
# After a failed pull, so that each request does not wait for a database that is down.
PULL_AGAIN_SECONDS = 1.0
# A row is visible only once its transaction commits, which may be after a younger one's.
OVERLAP = timedelta(seconds=60)


class RevocationsUnavailable(CognitoUnavailable):
    """The database did not tell what was revoked: a token can be neither taken nor refused."""

    code = "revocations_unavailable"
    message = "Tokens cannot be checked right now."


class RevocationList:
    """The revocations in force. Safe to use from many threads; one of them at a time asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sign_ins: dict[tuple[str, str], datetime] = {}
        self._users: dict[tuple[str, str], tuple[datetime, datetime]] = {}
        self._switched_off: frozenset[tuple[str, str]] = frozenset()
        self._newest: datetime | None = None
        self._pulled_at = -math.inf
        self._pull_at = -math.inf
        self._failure = ""

    def is_revoked(self, claims: Claims) -> bool:
        """Whether the token is of a sign-in that ended, or of a user who is switched off.

        Raises:
            RevocationsUnavailable: nobody knows.
        """
        now = time.monotonic()
        if now >= self._pull_at or not self._is_usable(now):
            self._pull_if_due()
        user = (claims.issuer, claims.sub)
        if user in self._switched_off:
            return True
        if claims.origin_jti and (claims.issuer, claims.origin_jti) in self._sign_ins:
            return True
        if user not in self._users:
            return False
        signed_in_until, _ = self._users[user]
        return _signed_in_at(claims) <= signed_in_until.timestamp()

    def _pull_if_due(self) -> None:
        now = time.monotonic()
        # Whoever has an answer at hand does not wait for one who is asking already.
        if now >= self._pull_at and self._lock.acquire(blocking=not self._is_usable(now)):
            try:
                if time.monotonic() >= self._pull_at:
                    self._pull()
            finally:
                self._lock.release()
        if not self._is_usable(time.monotonic()):
            raise RevocationsUnavailable(reason=self._failure)

    def _is_usable(self, now: float) -> bool:
        return now - self._pulled_at < STALE_SECONDS

    def _pull(self) -> None:
        try:
            self._take_news()
        except DatabaseFailure as error:
            # Those who waited meanwhile do not ask again one by one.
            self._failure = type(error).__name__
            self._pull_at = time.monotonic() + PULL_AGAIN_SECONDS
        else:
            self._pulled_at = time.monotonic()
            self._pull_at = self._pulled_at + PULL_SECONDS

    def _take_news(self) -> None:
        now = timezone.now()
        news = Revocation.objects.filter(expires_at__gt=now)
        if self._newest is not None:
            news = news.filter(created_at__gte=self._newest - OVERLAP)
        sign_ins = {key: expires for key, expires in self._sign_ins.items() if expires > now}
        users = {key: entry for key, entry in self._users.items() if entry[1] > now}
        for row in news.order_by("created_at"):
            if row.origin_jti:
                sign_ins[row.issuer, row.origin_jti] = row.expires_at
            else:
                users[row.issuer, row.sub] = (row.signed_in_until, row.expires_at)
            self._newest = row.created_at
        switched_off = User.objects.filter(is_active=False).values_list("issuer", "sub")
        self._switched_off = frozenset(switched_off)
        # Replaced as a whole: other threads read them meanwhile.
        self._sign_ins, self._users = sign_ins, users


def _signed_in_at(claims: Claims) -> float:
    """`auth_time` stays that of the sign-in through every refresh; `iat` does not."""
    auth_time = claims.raw.get("auth_time")
    # JSON's true is an int in Python.
    if isinstance(auth_time, int) and not isinstance(auth_time, bool):
        return auth_time
    return claims.issued_at


_of_this_process = RevocationList()


def is_revoked(claims: Claims) -> bool:
    """As RevocationList.is_revoked, of the list that this process keeps."""
    return _of_this_process.is_revoked(claims)
