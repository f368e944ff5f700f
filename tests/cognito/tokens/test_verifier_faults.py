"""Tests of the whole verifier during faults of the key set, and under load."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from cognito.errors import CognitoUnavailable, KeysUnavailable, TokenError, UnknownKey
from cognito.testing import WITHOUT, KeySetServer, TokenFactory, signing_key
from cognito.testing.key_set_faults import gzip_bomb
from cognito.testing.token_factory import CLIENT_ID, ISSUER
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from cognito.wire import base64url
from tests.cognito.conftest import ACCESS_ONLY
from tests.support.clock import ManualClock
from tests.support.memory import peak_bytes, resident_bytes


def verifier_for(url: str, clock: ManualClock | None = None) -> TokenVerifier:
    keys = KeySource(url, monotonic=clock or time.monotonic)
    trusted = TrustedIssuer(issuer=ISSUER, client_ids=frozenset({CLIENT_ID}), keys=keys)
    return TokenVerifier([trusted])


FAILS_EARLY: dict[str, Callable[[TokenFactory], str]] = {
    "no token": lambda _: "x.y.z",
    "too long": lambda f: f.access(x="x" * 17_000),
    "alg": lambda f: f.access(header={"alg": "HS256", "kid": "new"}),
    "crit": lambda f: f.access(header={"crit": ["x"], "kid": "new"}),
    "issuer": lambda f: f.access(iss="https://attacker.example", header={"kid": "new"}),
    "use": lambda f: f.id_token(header={"kid": "new"}),
    "expired": lambda f: f.access(exp=1, header={"kid": "new"}),
    "not yet": lambda f: f.access(iat=2**40, exp=2**40 + 1, header={"kid": "new"}),
    "lifetime": lambda f: f.access(exp=2**40, header={"kid": "new"}),
    "client": lambda f: f.access(client_id="another", header={"kid": "new"}),
    "subject": lambda f: f.access(sub=WITHOUT, header={"kid": "new"}),
    "unsigned": lambda f: f.access(header={"kid": "new"}).rpartition(".")[0] + ".",
}


@pytest.mark.parametrize("name", FAILS_EARLY)
def test_token_that_fails_an_early_check_causes_no_fetch(
    name: str,
    token_verifier: TokenVerifier,
    token_factory: TokenFactory,
    key_set_server: KeySetServer,
) -> None:
    with pytest.raises(TokenError):
        token_verifier.verify(FAILS_EARLY[name](token_factory), token_uses=ACCESS_ONLY)
    assert key_set_server.hits == 0


def test_unavailable_key_set_is_not_a_token_error(
    token_verifier: TokenVerifier, token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    key_set_server.behave("status:503")
    with pytest.raises(KeysUnavailable):
        token_verifier.verify(token_factory.access(), token_uses=ACCESS_ONLY)


def test_known_keys_verify_tokens_during_an_outage_of_a_day(
    token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    clock = ManualClock()
    verifier = verifier_for(key_set_server.url, clock)
    verifier.verify(token_factory.access(), token_uses=ACCESS_ONLY)
    key_set_server.behave("reset")
    for _ in range(144):
        clock.now += 600
        assert verifier.verify(token_factory.access(), token_uses=ACCESS_ONLY)


def test_rotation_works_after_a_jump_of_the_wall_clock(
    token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    wall, monotonic = ManualClock(time.time()), ManualClock()
    keys = KeySource(key_set_server.url, monotonic=monotonic)
    trusted = TrustedIssuer(issuer=ISSUER, client_ids=frozenset({CLIENT_ID}), keys=keys)
    verifier = TokenVerifier([trusted], clock=wall)
    factory = TokenFactory(signing_key("pool"), clock=wall)
    verifier.verify(factory.access(), token_uses=ACCESS_ONLY)
    wall.now -= 86_400
    after = TokenFactory(signing_key("next"), clock=wall)
    key_set_server.publish(signing_key("next"))
    assert verifier.verify(after.access(), token_uses=ACCESS_ONLY).sub == after.sub
    assert key_set_server.hits == 2
    with pytest.raises(UnknownKey):
        verifier.verify(factory.access(), token_uses=ACCESS_ONLY)


def test_fifty_first_requests_at_once_cause_one_fetch(
    token_verifier: TokenVerifier, token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    key_set_server.behave("delay:0.2")
    tokens = [token_factory.access() for _ in range(50)]
    verified: list[str] = []

    def work(token: str) -> None:
        verified.append(token_verifier.verify(token, token_uses=ACCESS_ONLY).sub)

    threads = [threading.Thread(target=work, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert verified == [token_factory.sub] * 50
    assert key_set_server.hits == 1


def test_flood_of_unknown_kids_causes_at_most_two_fetches_and_valid_tokens_pass(
    token_verifier: TokenVerifier, token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    good = token_factory.access()
    token_verifier.verify(good, token_uses=ACCESS_ONLY)
    garbage = base64url.encode(bytes(256)).decode()
    _, payload, _ = good.split(".")
    header = '{{"kid":"unknown {n}","alg":"RS256"}}'
    flood = [
        f"{base64url.encode(header.format(n=n).encode()).decode()}.{payload}.{garbage}"
        for n in range(1000)
    ]
    for token in flood:
        with pytest.raises(UnknownKey):
            token_verifier.verify(token, token_uses=ACCESS_ONLY)
        token_verifier.verify(good, token_uses=ACCESS_ONLY)
    assert key_set_server.hits <= 2


@pytest.mark.slow
def test_twenty_thousand_tokens_do_not_increase_the_memory(key_set_server: KeySetServer) -> None:
    verifier = verifier_for(key_set_server.url)
    factory = TokenFactory(signing_key("pool"))
    attacker = TokenFactory(signing_key("attacker"))
    good = [factory.access({"n": n}) for n in range(1500)]

    def bad(n: int) -> str:
        header, payload, signature = good[n % len(good)].split(".")
        return [
            f"{header}.{payload[:-8]}{n:08}.{signature}",
            f"{header}.{payload}.{signature[:-8]}{n:08}",
            base64url.encode(b'{"alg":"RS256","kid":"%d"}' % n).decode()
            + f".{payload}.{signature}",
            "A" * (n % 17_000),
            f"{n}.{n}.{n}",
            attackers_token,
        ][n % 6]

    attackers_token = attacker.access(header={"kid": factory.key.kid})

    def run(count: int) -> int:
        accepted = 0
        for n in range(count):
            token = good[n % len(good)] if n % 2 else bad(n)
            try:
                verifier.verify(token, token_uses=ACCESS_ONLY)
            except TokenError:
                continue
            accepted += 1
        return accepted

    run(4000)
    before, threads = resident_bytes(), threading.active_count()
    assert run(20_000) == 10_000
    assert resident_bytes() - before < 5_000_000
    assert threading.active_count() <= threads


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["huge:50000000", "gzip_bomb:50000000", "header_bomb"])
def test_huge_key_set_is_not_kept_in_memory(
    fault: str, token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    token = token_factory.access()
    verifier_for(key_set_server.url).verify(token, token_uses=ACCESS_ONLY)
    key_set_server.behave(fault)
    # The server runs in this process, and makes its bomb once.
    gzip_bomb(50_000_000)

    def verify_five_times() -> None:
        for _ in range(5):
            with pytest.raises(CognitoUnavailable):
                verifier_for(key_set_server.url).verify(token, token_uses=ACCESS_ONLY)

    # A key set has at most 150 KB. The rest is for buffers of client and server.
    assert peak_bytes(verify_five_times) < 2_000_000
