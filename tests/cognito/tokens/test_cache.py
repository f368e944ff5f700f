"""A verified token is remembered, and never for longer than it is good."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest

from cognito.errors import TokenError, TokenExpired, UnknownKey
from cognito.testing import KeySetServer, TokenFactory, signing_key
from cognito.testing.token_factory import CLIENT_ID, ISSUER
from cognito.tokens.cache import TokenCache
from cognito.tokens.claims import Claims
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from tests.cognito.conftest import ACCESS_ONLY
from tests.support.clock import ManualClock, wait_for_renewals, wait_until

POOL = signing_key("pool")


class CountingVerifier(TokenVerifier):
    """Tells how many tokens it had to judge anew."""

    judged = 0

    def _judge(self, *arguments: object) -> object:  # type: ignore[override]
        self.judged += 1
        return super()._judge(*arguments)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_800_000_000)


@pytest.fixture
def make(
    key_set_server: KeySetServer, clock: ManualClock
) -> Callable[[int], tuple[CountingVerifier, KeySource]]:
    def verifier(size: int) -> tuple[CountingVerifier, KeySource]:
        keys = KeySource(key_set_server.url, monotonic=clock)
        keys.load()
        trusted = TrustedIssuer(issuer=ISSUER, client_ids=frozenset({CLIENT_ID}), keys=keys)
        return CountingVerifier([trusted], clock=clock, cache_size=size), keys

    return verifier


Make = Callable[[int], tuple[CountingVerifier, KeySource]]


def test_a_token_is_judged_once(make: Make, clock: ManualClock) -> None:
    verifier, _ = make(8)
    token = TokenFactory(POOL, clock=clock).access()
    first = verifier.verify(token, token_uses=ACCESS_ONLY)
    assert verifier.verify(token, token_uses=ACCESS_ONLY) is first
    assert verifier.judged == 1


def test_a_bad_token_is_not_remembered(make: Make, clock: ManualClock) -> None:
    verifier, _ = make(8)
    token = TokenFactory(signing_key("attacker"), clock=clock).access(header={"kid": POOL.kid})
    for _ in range(3):
        with pytest.raises(TokenError):
            verifier.verify(token, token_uses=ACCESS_ONLY)
    assert verifier.judged == 3


def test_a_remembered_token_expires_to_the_second(make: Make, clock: ManualClock) -> None:
    verifier, _ = make(8)
    token = TokenFactory(POOL, clock=clock).access(exp=clock.now + 100)
    verifier.verify(token, token_uses=ACCESS_ONLY)
    clock.now += 99.999
    verifier.verify(token, token_uses=ACCESS_ONLY)
    clock.now += 0.001
    for _ in range(2):
        with pytest.raises(TokenExpired):
            verifier.verify(token, token_uses=ACCESS_ONLY)


def test_of_an_expiry_with_a_fraction_no_moment_is_won(make: Make, clock: ManualClock) -> None:
    verifier, _ = make(8)
    token = TokenFactory(POOL, clock=clock).access(exp=clock.now + 10.5)
    verifier.verify(token, token_uses=ACCESS_ONLY)
    clock.now += 10.5
    with pytest.raises(TokenExpired):
        verifier.verify(token, token_uses=ACCESS_ONLY)


@pytest.fixture
def keys() -> KeySource:
    return KeySource("http://127.0.0.1:1/", initial=json.dumps({"keys": [POOL.jwk()]}))


@pytest.fixture
def claims(keys: KeySource) -> Claims:
    trusted = TrustedIssuer(issuer=ISSUER, client_ids=frozenset({CLIENT_ID}), keys=keys)
    return TokenVerifier([trusted]).verify(TokenFactory(POOL).access(), token_uses=ACCESS_ONLY)


def test_no_more_than_its_size_is_kept_and_the_oldest_go(keys: KeySource, claims: Claims) -> None:
    cache = TokenCache(6)
    digests = [bytes([number]) for number in range(20)]
    for digest in digests:
        cache.put(digest, claims, keys=keys, generation=0)
        assert sum(cache.get(one, 0) is not None for one in digests) <= 6
    assert all(cache.get(one, 0) is claims for one in digests[-3:])
    assert cache.get(digests[0], 0) is None


def test_a_token_put_twice_takes_one_place(keys: KeySource, claims: Claims) -> None:
    cache = TokenCache(4)
    for digest in (b"a", b"b", b"b"):
        cache.put(digest, claims, keys=keys, generation=0)
    assert cache.get(b"a", 0) is claims
    assert cache.get(b"b", 0) is claims
    assert cache.get(b"c", 0) is None


def test_neither_the_token_nor_its_signature_is_kept(make: Make, clock: ManualClock) -> None:
    verifier, _ = make(8)
    token = TokenFactory(POOL, clock=clock).access()
    verifier.verify(token, token_uses=ACCESS_ONLY)
    kept = verifier._cache._young  # noqa: SLF001 # what is in memory is seen only from inside
    ((digest, entry),) = kept.items()
    assert len(digest) == 32
    assert all(part not in repr(tuple(entry[0])) for part in token.split("."))


def test_tokens_of_a_withdrawn_key_are_forgotten_with_it(
    make: Make, clock: ManualClock, key_set_server: KeySetServer
) -> None:
    verifier, keys = make(8)
    token = TokenFactory(POOL, clock=clock).access(exp=clock.now + 3600)
    verifier.verify(token, token_uses=ACCESS_ONLY)
    generation = keys.current_generation()
    key_set_server.publish(signing_key("next"))
    clock.now += 601
    # This one still passes: it starts the renewal and does not wait for it.
    verifier.verify(token, token_uses=ACCESS_ONLY)
    wait_until(lambda: keys.current_generation() != generation)
    with pytest.raises(UnknownKey):
        verifier.verify(token, token_uses=ACCESS_ONLY)


def test_a_renewal_that_brings_the_same_keys_forgets_nothing(
    make: Make, clock: ManualClock, key_set_server: KeySetServer
) -> None:
    verifier, _ = make(8)
    token = TokenFactory(POOL, clock=clock).access(exp=clock.now + 3600)
    verifier.verify(token, token_uses=ACCESS_ONLY)
    clock.now += 601
    verifier.verify(token, token_uses=ACCESS_ONLY)
    wait_for_renewals()
    assert key_set_server.hits == 2
    verifier.verify(token, token_uses=ACCESS_ONLY)
    assert verifier.judged == 1


def test_keys_that_change_while_a_token_is_verified_leave_nothing_behind(
    clock: ManualClock, key_set_server: KeySetServer
) -> None:
    keys = KeySource(key_set_server.url, monotonic=clock)
    trusted = TrustedIssuer(issuer=ISSUER, client_ids=frozenset({CLIENT_ID}), keys=keys)
    verifier = CountingVerifier([trusted], clock=clock)
    # The first token fetches the keys itself, so they change between judging and remembering.
    token = TokenFactory(POOL, clock=clock).access()
    for _ in range(3):
        verifier.verify(token, token_uses=ACCESS_ONLY)
    assert verifier.judged == 2, "the first judgement was not remembered"


def test_many_threads_may_use_it_at_once(make: Make, clock: ManualClock) -> None:
    verifier, _ = make(16)
    factory = TokenFactory(POOL, clock=clock)
    tokens = [factory.access({"n": n}) for n in range(64)]
    failures: list[BaseException] = []

    def work(offset: int) -> None:
        try:
            for step in range(400):
                n = (step * 7 + offset) % len(tokens)
                claims = verifier.verify(tokens[n], token_uses=ACCESS_ONLY)
                assert claims.raw["n"] == n
        except BaseException as e:  # noqa: BLE001  reported by the test's own thread
            failures.append(e)

    threads = [threading.Thread(target=work, args=(n * 5,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert not any(thread.is_alive() for thread in threads)
    # Each thread may put one more into a half that another found full.
    cache = verifier._cache  # noqa: SLF001 # what is in memory is seen only from inside
    digests = [TokenCache.digest(token.encode()) for token in tokens]
    kept = sum(cache.get(digest, clock.now) is not None for digest in digests)
    assert 8 <= kept <= 16 + len(threads)
