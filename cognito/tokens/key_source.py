"""The keys of one issuer: fetched when first needed, renewed in passing, never dropped for nothing.

What a request may have to wait for, and how long what happened is remembered, is decided here. The
numbers follow what verifiers in front of Cognito do: aws-jwt-verify waits 10 s after an unknown
`kid`, Envoy and panva/jose take a key set to be good for 10 minutes.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cognito import deadlines
from cognito.errors import CognitoUnavailable, KeysUnavailable, UnknownKey
from cognito.tokens.keys import VerificationKey, usable_keys
from cognito.wire.http import exchange

# What API Gateway's JWT authorizer reads of a key set. Cognito's has 1 KB.
MAX_KEY_SET_BYTES = 150_000
# A withdrawn key is accepted for this long at most, while the key set can be had.
RENEW_SECONDS = 600.0
RENEW_AGAIN_SECONDS = 60.0
# After a key that is in nobody's set, or a failure: how long nothing is fetched for such keys.
WAIT_SECONDS = 10.0
# Without any key every request fails, so the wait is shorter.
COLD_WAIT_SECONDS = 2.0
LOG_SECONDS = 60.0
# How many requests may wait for one fetch. The others are refused at once, because tokens with
# known keys need the threads. Any caller can make a token with an unknown `kid`.
MAX_WAITING = 4

_BEHIND = "the issuer signs with a key that its key set lacked just now"

logger = logging.getLogger(__name__)


def fetch_key_set(jwks_url: str) -> bytes:
    """The document at `jwks_url`. Raises TransportError, or KeysUnavailable if it is not a 200."""
    answer = exchange(
        "GET",
        jwks_url,
        deadline_seconds=deadlines.KEY_SET_SECONDS,
        max_bytes=MAX_KEY_SET_BYTES,
    )
    if answer.status != 200:  # noqa: PLR2004  the status itself is the clearest name
        raise KeysUnavailable(reason=f"the key set was answered with status {answer.status}")
    return answer.body


class KeySource:
    """The usable keys of the issuer whose key set is at `jwks_url`.

    `initial` is a key set to begin with, as JSON: known without a fetch, renewed like any other.
    `fetch` takes the URL and gives the document or raises CognitoUnavailable; `monotonic` gives
    seconds of a clock that nobody sets. Making one does no I/O. Safe to use from many threads.

    Raises KeysUnavailable if `initial` is given and has no usable key.
    """

    def __init__(
        self,
        jwks_url: str,
        *,
        initial: str | None = None,
        fetch: Callable[[str], bytes] = fetch_key_set,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jwks_url = jwks_url
        self._fetch = fetch
        self._monotonic = monotonic
        # Guards what follows; never held during a fetch. Known keys are read without it: the
        # mapping is replaced as a whole and never changed.
        self._lock = threading.Lock()
        self._keys: Mapping[str, VerificationKey] = {} if initial is None else usable_keys(initial)
        self._generation = 0
        self._flight: _Flight | None = None
        self._renew_at = monotonic() + RENEW_SECONDS
        self._wait_until = -math.inf
        self._wait_for_provider_until = -math.inf
        self._failure: str | None = None
        self._log_at = -math.inf

    @property
    def has_keys(self) -> bool:
        """Whether any key is known right now. Fetches nothing."""
        return bool(self._keys)

    def load(self) -> None:
        """Fetch the key set unless keys are known already. Raises KeysUnavailable."""
        if not self._keys:
            self._fetch_for(None)

    def current_generation(self) -> int:
        """A number that changes whenever the keys do. Renews an old set in passing."""
        if self._monotonic() >= self._renew_at:
            self._renew_in_passing()
        return self._generation

    def key(self, kid: str, *, is_from_provider: bool = False) -> VerificationKey:
        """The key of this `kid`.

        `is_from_provider` says that the issuer itself has just handed out a token with this `kid`.
        Anybody can send an unknown `kid` and make everybody wait, but not such a token: so it may
        cause one fetch more in WAIT_SECONDS, and after that is not called unknown.

        Does not wait if the key is known. Otherwise fetches the key set, in KEY_SET_SECONDS at most
        and once for all who wait; but not again within WAIT_SECONDS of a fetch that brought no such
        key, or that failed. MAX_WAITING requests wait at most; but all do for the first fetch of a
        process, before which no token can be verified.

        Raises UnknownKey if the issuer does not publish it, KeysUnavailable if nobody can tell.
        """
        key = self._keys.get(kid)
        if key is None:
            is_own_fetch = self._fetch_for(kid, is_from_provider=is_from_provider)
            key = self._keys.get(kid)
            if key is None and is_from_provider and not is_own_fetch:
                # That fetch may have begun before the issuer published the key.
                raise self._unavailable(_BEHIND)
            if key is None:
                raise UnknownKey
        elif self._monotonic() >= self._renew_at:
            self._renew_in_passing()
        return key

    def key_and_generation(
        self, kid: str, *, is_from_provider: bool = False
    ) -> tuple[VerificationKey, int]:
        """The same, and the generation from before: keys that change meanwhile have another."""
        generation = self._generation
        return self.key(kid, is_from_provider=is_from_provider), generation

    def _fetch_for(self, kid: str | None, *, is_from_provider: bool = False) -> bool:
        """Fetch once, or wait for the fetch under way; return whether it was the former.

        Raises UnknownKey or KeysUnavailable.
        """
        seconds = deadlines.call_seconds(deadlines.KEY_SET_SECONDS)
        if not seconds:
            raise KeysUnavailable(retry_after=1, reason="the request has no time left to fetch it")
        with self._lock:
            if kid in self._keys:
                return False  # it came while this thread waited for the lock
            flight, is_mine = self._flight, False
            if flight is None:
                self._refuse_during_wait(is_from_provider=is_from_provider)
                flight, is_mine = _Flight(), True
                self._flight = flight
            elif (
                flight.waiting >= MAX_WAITING
                # Few, and no attacker makes them.
                and not is_from_provider
                # All wait for the first fetch of a process.
                and (self._keys or self._failure is not None)
            ):
                raise KeysUnavailable(retry_after=1, reason="other requests wait for it already")
            flight.waiting += 1
            if kid is not None:
                flight.wanted.add(kid)
        if is_mine:
            self._fly(flight)
        else:
            with deadlines.waiting():
                flight.landed.wait(seconds)
        if not flight.succeeded:
            raise self._unavailable()
        return is_mine

    def _refuse_during_wait(self, *, is_from_provider: bool) -> None:
        now = self._monotonic()
        if now >= self._wait_until:
            return
        if self._failure is None and not is_from_provider:
            raise UnknownKey
        if self._failure is not None:
            raise self._unavailable()
        if now < self._wait_for_provider_until:
            raise self._unavailable(_BEHIND)
        self._wait_for_provider_until = now + WAIT_SECONDS

    def _unavailable(self, reason: str = "") -> KeysUnavailable:
        seconds_left = self._wait_until - self._monotonic()
        return KeysUnavailable(
            retry_after=math.ceil(max(seconds_left, 1)),
            reason=reason or self._failure or "no answer yet",
        )

    def _renew_in_passing(self) -> None:
        with self._lock:
            if self._flight is not None or self._monotonic() < self._renew_at:
                return
            flight = self._flight = _Flight()
        thread = threading.Thread(
            target=self._fly, args=(flight,), name="cognito-keys", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as e:  # no more threads to be had; the request needs none
            self._land(flight, None, failure=str(e))

    def _fly(self, flight: _Flight) -> None:
        keys, failure = None, "the fetch broke off"
        try:
            keys = usable_keys(self._fetch(self._jwks_url))
        except CognitoUnavailable as e:
            failure = e.reason
        finally:
            self._land(flight, keys, failure=failure)

    def _land(
        self, flight: _Flight, keys: Mapping[str, VerificationKey] | None, *, failure: str
    ) -> None:
        with self._lock:
            now = self._monotonic()
            if keys is None:
                self._failure = failure
                self._renew_at = now + RENEW_AGAIN_SECONDS
                self._wait_until = now + (WAIT_SECONDS if self._keys else COLD_WAIT_SECONDS)
            else:
                self._failure = None
                self._renew_at = now + RENEW_SECONDS
                # Decided before the next fetch can begin, or a flood would get several through.
                self._wait_until = now + WAIT_SECONDS if flight.wanted - keys.keys() else -math.inf
                if keys != self._keys:
                    self._keys = keys
                    self._generation += 1
            self._flight = None
            flight.succeeded = keys is not None
            must_log = keys is None and now >= self._log_at
            if must_log:
                self._log_at = now + LOG_SECONDS
        flight.landed.set()
        if must_log:
            logger.warning("The key set at %s cannot be had: %s", self._jwks_url, failure)


@dataclass(slots=True)
class _Flight:
    """One fetch, the number of requests that wait for it, and the `kid`s that they need."""

    waiting: int = 0
    wanted: set[str] = field(default_factory=set)
    landed: threading.Event = field(default_factory=threading.Event)
    succeeded: bool = False
