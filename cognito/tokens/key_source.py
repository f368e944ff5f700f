"""The keys of one issuer: fetched when first needed, renewed in the background, kept on failures.

This module decides when a request waits for a key set, and for how long results are kept. The
numbers follow other verifiers for Cognito: aws-jwt-verify waits 10 s after an unknown `kid`, and
Envoy and panva/jose keep a key set for 10 minutes.
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

# API Gateway's JWT authorizer has the same limit. The key set of Cognito has about 1 KB.
MAX_KEY_SET_BYTES = 150_000
# A withdrawn key is accepted for at most this time, while the key set is available.
RENEW_SECONDS = 600.0
RENEW_AGAIN_SECONDS = 60.0
# After an unknown key or a failed fetch, unknown keys cause no further fetch for this time.
WAIT_SECONDS = 10.0
# Without any key all requests fail, so the next fetch may follow sooner.
COLD_WAIT_SECONDS = 2.0
LOG_SECONDS = 60.0
# At most this many requests wait for one fetch. Others are refused at once, because any caller can
# send tokens with an unknown `kid`, and requests with known keys need the threads.
MAX_WAITING = 4

_BEHIND = "the issuer signs with a key that its key set lacked just now"

logger = logging.getLogger(__name__)


def fetch_key_set(jwks_url: str) -> bytes:
    """Fetch the key set. Raises TransportError, or KeysUnavailable if the status is not 200."""
    answer = exchange(
        "GET",
        jwks_url,
        deadline_seconds=deadlines.KEY_SET_SECONDS,
        max_bytes=MAX_KEY_SET_BYTES,
    )
    if answer.status != 200:  # noqa: PLR2004 # the number is the clearest name
        raise KeysUnavailable(reason=f"the key set was answered with status {answer.status}")
    return answer.body


class KeySource:
    """The usable keys of an issuer. Safe to use from several threads.

    Creating one does no I/O.

    Args:
        jwks_url: address of the key set.
        initial: a key set as JSON, used until the first renewal.
        fetch: returns the document at an address, or raises CognitoUnavailable.
        monotonic: a clock in seconds that is never set back.

    Raises:
        KeysUnavailable: `initial` has no usable key.
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
        # Protects the attributes below, and is never held during a fetch. Known keys are read
        # without it, because the mapping is replaced as a whole and never changed.
        self._lock = threading.Lock()
        self._keys: Mapping[str, VerificationKey] = {} if initial is None else usable_keys(initial)
        # A number that changes with the keys. Only this class changes it.
        self.generation = 0
        self._running_fetch: _RunningFetch | None = None
        self._renew_at = monotonic() + RENEW_SECONDS
        self._wait_until = -math.inf
        self._wait_for_provider_until = -math.inf
        self._failure: str | None = None
        self._log_at = -math.inf

    @property
    def has_keys(self) -> bool:
        """Whether any key is loaded. Does not fetch."""
        return bool(self._keys)

    def load(self) -> None:
        """Fetch the key set unless keys are loaded. Raises KeysUnavailable."""
        if not self._keys:
            self._fetch_for(None)

    def current_generation(self) -> int:
        """Return a number that changes with the keys. Starts the renewal of an old key set."""
        if self._monotonic() >= self._renew_at:
            self._renew_in_background()
        return self.generation

    def key(self, kid: str, *, is_from_provider: bool = False) -> VerificationKey:
        """Return the key with this `kid`, at once if it is loaded.

        Otherwise fetch the key set within KEY_SET_SECONDS, once for all waiting requests. After a
        fetch that failed, or that lacked the key, there is no other fetch for WAIT_SECONDS. At most
        MAX_WAITING requests wait, except for the first fetch of a process, before which no token
        can be verified.

        Args:
            is_from_provider: the issuer itself has just issued the token with this `kid`. Attackers
                can send unknown `kid`s but no such token, so it may cause one more fetch within
                WAIT_SECONDS. If the key is still missing, it counts as unavailable, not unknown.

        Raises:
            UnknownKey: the issuer does not publish the key.
            KeysUnavailable: the key set is unavailable.
        """
        key = self._keys.get(kid)
        if key is None:
            is_own_fetch = self._fetch_for(kid, is_from_provider=is_from_provider)
            key = self._keys.get(kid)
            if key is None and is_from_provider and not is_own_fetch:
                # The other fetch may have begun before the issuer published the key.
                raise self._unavailable(_BEHIND)
            if key is None:
                raise UnknownKey
        elif self._monotonic() >= self._renew_at:
            self._renew_in_background()
        return key

    def _fetch_for(self, kid: str | None, *, is_from_provider: bool = False) -> bool:
        """Fetch, or wait for the fetch of another request. Return whether this call fetched.

        Raises UnknownKey or KeysUnavailable.
        """
        seconds = deadlines.call_seconds(deadlines.KEY_SET_SECONDS)
        if not seconds:
            raise KeysUnavailable(retry_after=1, reason="the request has no time left for a fetch")
        with self._lock:
            if kid in self._keys:
                return False  # It arrived while this thread waited for the lock.
            running, is_mine = self._running_fetch, False
            if running is None:
                self._refuse_during_wait(is_from_provider=is_from_provider)
                running, is_mine = _RunningFetch(), True
                self._running_fetch = running
            elif (
                running.waiting >= MAX_WAITING
                # Sign-ins are few, and attackers cannot cause them.
                and not is_from_provider
                # All requests wait for the first fetch of a process.
                and (self._keys or self._failure is not None)
            ):
                raise KeysUnavailable(retry_after=1, reason="too many requests wait for it already")
            running.waiting += 1
            if kid is not None:
                running.wanted.add(kid)
        if is_mine:
            self._run(running)
        else:
            with deadlines.waiting():
                running.done.wait(seconds)
        if not running.succeeded:
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

    def _renew_in_background(self) -> None:
        with self._lock:
            if self._running_fetch is not None or self._monotonic() < self._renew_at:
                return
            running = self._running_fetch = _RunningFetch()
        thread = threading.Thread(
            target=self._run, args=(running,), name="cognito-keys", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as e:  # No thread can be started. This request does not need one.
            self._finish(running, None, failure=str(e))

    def _run(self, running: _RunningFetch) -> None:
        keys, failure = None, "the fetch was interrupted"
        try:
            keys = usable_keys(self._fetch(self._jwks_url))
        except CognitoUnavailable as e:
            failure = e.reason
        finally:
            self._finish(running, keys, failure=failure)

    def _finish(
        self, running: _RunningFetch, keys: Mapping[str, VerificationKey] | None, *, failure: str
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
                # Decided under the lock, so that a flood of requests cannot cause several fetches.
                self._wait_until = now + WAIT_SECONDS if running.wanted - keys.keys() else -math.inf
                if keys != self._keys:
                    self._keys = keys
                    self.generation += 1
            self._running_fetch = None
            running.succeeded = keys is not None
            must_log = keys is None and now >= self._log_at
            if must_log:
                self._log_at = now + LOG_SECONDS
        running.done.set()
        if must_log:
            logger.warning("The key set at %s is unavailable: %s", self._jwks_url, failure)


@dataclass(slots=True, eq=False, repr=False)
class _RunningFetch:
    """A fetch, the number of requests that wait for it, and the `kid`s that they need."""

    waiting: int = 0
    wanted: set[str] = field(default_factory=set)
    done: threading.Event = field(default_factory=threading.Event)
    succeeded: bool = False
