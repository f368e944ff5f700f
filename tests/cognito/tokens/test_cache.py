"""Tests of the cache of verified tokens."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any

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
    """A verifier that counts the tokens it did not find in its cache."""

    judged = 0

    def _judge(self, *arguments: Any, **options: Any) -> tuple[TrustedIssuer, Claims]:
        self.judged += 1
        return super()._judge(*arguments, **options)


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


def test_token_is_verified_once(make: Make, clock: ManualClock) -> None:
    verifier, _ = make(8)
    token = TokenFactory(POOL, clock=clock).access()
    first = verifier.verify(token, token_uses=ACCESS_ONLY)
    assert verifier.verify(token, token_uses=ACCESS_ONLY) is first
    assert verifier.judged == 1


def test_invalid_token_is_not_cached(make: Make, clock: ManualClock) -> None:
    verifier, _ = make(8)
    token = TokenFactory(signing_key("attacker"), clock=clock).access(header={"kid": POOL.kid})
    for _ in range(3):
        with pytest.raises(TokenError):
            verifier.verify(token, token_uses=ACCESS_ONLY)
    assert verifier.judged == 3


def test_cached_token_expires_at_its_exact_time(make: Make, clock: ManualClock) -> None:
    verifier, _ = make(8)
    token = TokenFactory(POOL, clock=clock).access(exp=clock.now + 100)
    verifier.verify(token, token_uses=ACCESS_ONLY)
    clock.now += 99.999
    verifier.verify(token, token_uses=ACCESS_ONLY)
    clock.now += 0.001
    for _ in range(2):
        with pytest.raises(TokenExpired):
            verifier.verify(token, token_uses=ACCESS_ONLY)


def test_cached_token_expires_at_a_fraction_of_a_second(make: Make, clock: ManualClock) -> None:
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


def test_full_cache_drops_its_oldest_entries(keys: KeySource, claims: Claims) -> None:
    cache = TokenCache(6)
    digests = [bytes([number]) for number in range(20)]
    for digest in digests:
        cache.put(digest, b"signature", claims, keys=keys, generation=0)
        assert sum(cache.get(one, b"signature", 0) is not None for one in digests) <= 6
    assert all(cache.get(one, b"signature", 0) is claims for one in digests[-3:])
    assert cache.get(digests[0], b"signature", 0) is None


def test_token_that_is_put_twice_takes_one_place(keys: KeySource, claims: Claims) -> None:
    cache = TokenCache(4)
    for digest in (b"a", b"b", b"b"):
        cache.put(digest, b"signature", claims, keys=keys, generation=0)
    assert cache.get(b"a", b"signature", 0) is claims
    assert cache.get(b"b", b"signature", 0) is claims
    assert cache.get(b"c", b"signature", 0) is None


def test_another_signature_is_not_found(keys: KeySource, claims: Claims) -> None:
    cache = TokenCache(4)
    cache.put(b"a", b"signature", claims, keys=keys, generation=0)
    for other in (b"", b"s", b"signaturf", b"signature ", b"signature=="):
        assert cache.get(b"a", other, 0) is None
    assert cache.get(b"a", b"signature", 0) is claims


def test_seen_token_with_another_signature_is_verified_again(
    make: Make, clock: ManualClock
) -> None:
    verifier, _ = make(8)
    token = TokenFactory(POOL, clock=clock).access()
    claims = verifier.verify(token, token_uses=ACCESS_ONLY)
    signing_input, signature = token.rsplit(".", 1)
    for other in (signature[1:], signature[::-1], f"{signature}=", f"{signature}A", "A", ""):
        with pytest.raises(TokenError):
            verifier.verify(f"{signing_input}.{other}", token_uses=ACCESS_ONLY)
    # The forged ones did not replace the good one.
    judged = verifier.judged
    assert verifier.verify(token, token_uses=ACCESS_ONLY) is claims
    assert verifier.judged == judged


def test_cache_contains_neither_header_nor_payload_of_the_token(
    make: Make, clock: ManualClock
) -> None:
    verifier, _ = make(8)
    token = TokenFactory(POOL, clock=clock).access()
    verifier.verify(token, token_uses=ACCESS_ONLY)
    kept = verifier._cache._young  # noqa: SLF001 # only the private attribute shows what is in memory
    ((digest, entry),) = kept.items()
    assert len(digest) == 32
    assert not any(part in repr((entry[0], tuple(entry[1]))) for part in token.split(".")[:2])


def test_cached_tokens_of_a_withdrawn_key_are_removed(
    make: Make, clock: ManualClock, key_set_server: KeySetServer
) -> None:
    verifier, keys = make(8)
    token = TokenFactory(POOL, clock=clock).access(exp=clock.now + 3600)
    verifier.verify(token, token_uses=ACCESS_ONLY)
    generation = keys.current_generation()
    key_set_server.publish(signing_key("next"))
    clock.now += 601
    # This request starts the renewal and does not wait for it, but the renewal can be faster.
    with suppress(UnknownKey):
        verifier.verify(token, token_uses=ACCESS_ONLY)
    wait_until(lambda: keys.current_generation() != generation)
    with pytest.raises(UnknownKey):
        verifier.verify(token, token_uses=ACCESS_ONLY)


def test_renewal_with_the_same_keys_keeps_the_cache(
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


def test_token_is_not_cached_if_the_keys_change_during_its_verification(
    clock: ManualClock, key_set_server: KeySetServer
) -> None:
    keys = KeySource(key_set_server.url, monotonic=clock)
    trusted = TrustedIssuer(issuer=ISSUER, client_ids=frozenset({CLIENT_ID}), keys=keys)
    verifier = CountingVerifier([trusted], clock=clock)
    # The first token fetches the keys, so they change while it is being verified.
    token = TokenFactory(POOL, clock=clock).access()
    for _ in range(3):
        verifier.verify(token, token_uses=ACCESS_ONLY)
    assert verifier.judged == 2, "the first result was not cached"


def test_many_threads_use_the_cache_at_once(make: Make, clock: ManualClock) -> None:
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
        except BaseException as e:  # noqa: BLE001 # the thread of the test reports it
            failures.append(e)

    threads = [threading.Thread(target=work, args=(n * 5,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert not any(thread.is_alive() for thread in threads)
    # Each thread can add one more entry to a half that another thread has just found full.
    cache = verifier._cache  # noqa: SLF001 # only the private attribute shows what is in memory
    parts = [token.encode().rpartition(b".") for token in tokens]
    kept = sum(
        cache.get(sha256(signed).digest(), signature, clock.now) is not None
        for signed, _, signature in parts
    )
    assert 8 <= kept <= 16 + len(threads)
