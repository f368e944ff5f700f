"""The API while the key set is unavailable, slow, malformed or rotated."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.http import HttpResponse
from pytest_django import Settings

from accounts import process
from accounts.process import Verification
from cognito import deadlines
from cognito.testing import KeySetServer, TokenFactory
from tests.support.answers import assert_problem, assert_refused
from tests.support.caller import Caller
from tests.support.clock import ManualClock, ends_within, wait_for_renewals
from tests.support.tokens import ATTACKERS_KEY, SECOND_KEY

# `tests/cognito/tokens` tests every fault of a key set, and the memory that they take.
FAULTS = ["status:503", "reset", "garbage", "huge:50000000", "gzip_bomb:1000000", "hang"]


def assert_unavailable(response: HttpResponse) -> None:
    assert_problem(response, 503, "keys_unavailable")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert "WWW-Authenticate" not in response


@pytest.fixture
def clock(key_set: KeySetServer) -> ManualClock:
    """The clock that decides when the process renews the keys of `key_set`."""
    clock = ManualClock(1000)
    process.current.verification = Verification(monotonic=clock)
    return clock


def renew(clock: ManualClock, server: KeySetServer) -> None:
    """Let the keys get old, and wait until their renewal has succeeded or failed."""
    clock.now += 600
    hits = server.hits
    process.current.verification.keys.current_generation()
    wait_for_renewals()
    assert server.hits == hits + 1


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_request_without_keys_is_a_503_within_the_deadline(
    *,
    call: Caller,
    tokens: TokenFactory,
    key_set: KeySetServer,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    if fault == "hang":
        monkeypatch.setattr(deadlines, "KEY_SET_SECONDS", 0.5)
    key_set.behave(fault)

    with ends_within(10):
        assert_unavailable(call(tokens.access()))

    assert key_set.hits == 1


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["status:503", "garbage", "hang"])
def test_loaded_keys_remain_in_use_during_an_outage(
    *,
    call: Caller,
    tokens: TokenFactory,
    key_set: KeySetServer,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    monkeypatch.setattr(deadlines, "KEY_SET_SECONDS", 0.5)
    token = tokens.access()
    assert call(token).status_code == 200
    key_set.behave(fault)

    renew(clock, key_set)

    assert call(token).status_code == 200
    assert call(tokens.access(jti="new")).status_code == 200


def test_process_that_started_in_an_outage_recovers(
    call: Caller, tokens: TokenFactory, key_set: KeySetServer, clock: ManualClock
) -> None:
    key_set.behave("status:503")
    first = call(tokens.access())
    assert_unavailable(first)
    key_set.behave("ok")

    clock.now += int(first["Retry-After"])

    assert call(tokens.access()).status_code == 200


def test_unpublished_key_is_unknown_and_fetched_once_for_many_tokens(
    call: Caller, tokens: TokenFactory, key_set: KeySetServer
) -> None:
    for n in range(3):
        assert_refused(call(tokens.access(header={"kid": f"unknown-{n}"})), "unknown_key")

    assert key_set.hits == 1


def test_new_key_is_loaded_with_one_fetch_and_replaces_the_old_one(
    call: Caller, tokens: TokenFactory, key_set: KeySetServer
) -> None:
    old = tokens.access()
    assert call(old).status_code == 200
    key_set.publish(SECOND_KEY)
    tokens.key = SECOND_KEY
    new = tokens.access()

    assert call(new).status_code == 200
    assert key_set.hits == 2
    assert_refused(call(old), "unknown_key")


def test_withdrawn_key_is_refused_after_the_next_renewal(
    call: Caller, tokens: TokenFactory, key_set: KeySetServer, clock: ManualClock
) -> None:
    token = tokens.access()
    assert call(token).status_code == 200
    key_set.publish(SECOND_KEY)

    renew(clock, key_set)

    assert_refused(call(token), "unknown_key")


def test_tokens_with_loaded_keys_do_not_wait_for_a_hanging_fetch(
    call: Caller, tokens: TokenFactory, key_set: KeySetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KEY_SET_SECONDS", "REQUEST"):
        long = deadlines.Budget(calls=30, database=30) if name == "REQUEST" else 30
        monkeypatch.setattr(deadlines, name, long)
    good = tokens.access()
    assert call(good).status_code == 200
    key_set.behave("hang")
    unknown = tokens.access(header={"kid": "new"})
    behind: list[int] = []
    stuck = threading.Thread(target=lambda: behind.append(Caller()(unknown).status_code))

    stuck.start()
    while key_set.hits < 2:
        time.sleep(0.01)
    with ends_within(10):
        answers = [call(good), call(tokens.access(jti="another"))]
    assert stuck.is_alive()
    key_set.behave("ok")  # ends the hanging fetch
    stuck.join(20)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert behind == [503]


@pytest.mark.slow
def test_fifty_first_requests_share_one_fetch(tokens: TokenFactory, key_set: KeySetServer) -> None:
    key_set.behave("delay:0.5")
    many = [tokens.access(jti=str(n)) for n in range(50)]

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda token: Caller()(token).status_code, many))

    assert answers == [200] * 50
    assert key_set.hits == 1


def test_failed_fetch_is_not_repeated_for_each_request(
    call: Caller, tokens: TokenFactory, key_set: KeySetServer
) -> None:
    key_set.behave("status:503")
    began = time.monotonic()

    for n in range(100):
        assert_unavailable(call(tokens.access(jti=str(n))))

    assert key_set.hits <= 1 + (time.monotonic() - began) // 2


def test_token_that_fails_a_cheaper_check_causes_no_fetch(
    call: Caller, tokens: TokenFactory, key_set: KeySetServer
) -> None:
    for token, code in [
        (tokens.access(header={"kid": "unknown", "alg": "HS256"}), "unsupported_algorithm"),
        (tokens.access(header={"kid": "unknown"}, exp=1), "token_expired"),
    ]:
        assert_refused(call(token), code)

    assert key_set.hits == 0


def test_redirects_and_proxies_of_the_environment_are_ignored(
    call: Caller,
    tokens: TokenFactory,
    key_set: KeySetServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with KeySetServer(ATTACKERS_KEY) as elsewhere:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, elsewhere.url)
        key_set.behave(f"redirect307:{elsewhere.url}")

        assert_unavailable(call(tokens.access()))

        assert (key_set.hits, elsewhere.hits) == (1, 0)


def test_keys_in_the_settings_need_no_network(
    call: Caller, tokens: TokenFactory, known_keys: None, settings: Settings
) -> None:
    assert call(tokens.access()).status_code == 200
    assert process.current.verification.keys.has_keys
