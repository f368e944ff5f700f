"""Tests of the fetching of keys: when, how long it may take, and what follows a failure."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from hashlib import sha256

import pytest

from cognito import deadlines
from cognito.errors import KeysUnavailable, TransportError, UnknownKey
from cognito.testing import KeySetServer, signing_key
from cognito.testing.key_set_faults import key_set
from cognito.tokens.key_source import KeySource
from tests.support.clock import ManualClock, ends_within, wait_for_renewals, wait_until
from tests.support.raw_server import raw_server

# This is the limit in the documentation. The code must have the same one.
MAX_WAITING = 4

POOL = signing_key("pool")
NEXT = signing_key("next")

# Each of these makes the answer unusable without a delay.
UNUSABLE = [
    *[f"status:{status}" for status in (503, 500, 502, 404, 403, 429, 401, 400, 204, 206, 304)],
    *["garbage", "html", "empty", "array", "list", "bom", "utf16", "twice", "deep"],
    *["truncate", "reset", "header_bomb"],
    *["no_keys", "empty_keys", "null_keys", "keys_object", "message"],
    *["no_kid", "no_alg", "other_alg", "no_use", "use_enc", "dup_kid", "small_key"],
    *["redirect_loop", "redirect307", "huge:50000000", "gzip_bomb:20000000"],
]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1000)


@pytest.fixture
def keys(key_set_server: KeySetServer, clock: ManualClock) -> KeySource:
    return KeySource(key_set_server.url, monotonic=clock)


# --- without faults


def test_new_source_has_not_fetched_the_key_set(
    keys: KeySource, key_set_server: KeySetServer
) -> None:
    assert not keys.has_keys
    assert key_set_server.hits == 0


def test_key_set_is_fetched_with_get_and_no_body() -> None:
    document = key_set([POOL.jwk()])
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(document) + document
    with raw_server(answer) as server:
        assert KeySource(server.url).key(POOL.kid).kid == POOL.kid
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"GET /path HTTP/1.1\r\n")
    assert b"Authorization" not in head
    assert body == b""


def test_first_key_is_fetched_once(keys: KeySource, key_set_server: KeySetServer) -> None:
    for _ in range(5):
        assert keys.key(POOL.kid).kid == POOL.kid
    assert keys.has_keys
    assert key_set_server.hits == 1


def test_initial_keys_need_no_network(clock: ManualClock) -> None:
    keys = KeySource("http://127.0.0.1:1/", initial=key_set([POOL.jwk()]).decode(), monotonic=clock)
    assert keys.has_keys
    keys.load()
    assert keys.key(POOL.kid).verifies(sha256(b"x").digest(), POOL.sign(b"x"))


@pytest.mark.parametrize("initial", ["", "{}", '{"keys":[]}', "not JSON"])
def test_invalid_initial_keys_raise(initial: str) -> None:
    with pytest.raises(KeysUnavailable):
        KeySource("http://127.0.0.1:1/", initial=initial)


def test_key_that_is_not_among_the_initial_keys_is_fetched(key_set_server: KeySetServer) -> None:
    keys = KeySource(key_set_server.url, initial=key_set([NEXT.jwk()]).decode())
    assert keys.key(POOL.kid).kid == POOL.kid
    assert key_set_server.hits == 1


def test_load_fetches_once_and_gives_the_reason_of_a_failure(
    keys: KeySource, key_set_server: KeySetServer, clock: ManualClock
) -> None:
    key_set_server.behave("status:503")
    with pytest.raises(KeysUnavailable, match="signing keys are unavailable") as refused:
        keys.load()
    assert refused.value.reason == "the key set was answered with status 503"
    clock.now += 2
    key_set_server.behave("ok")
    keys.load()
    keys.load()
    assert keys.has_keys
    assert key_set_server.hits == 2


# --- rotation


def test_first_token_of_a_new_key_causes_one_fetch_that_removes_the_old_key(
    keys: KeySource, key_set_server: KeySetServer
) -> None:
    keys.key(POOL.kid)
    before = keys.current_generation()
    key_set_server.publish(NEXT)
    # A fetch is allowed right after one that found the key it was made for.
    for _ in range(3):
        assert keys.key(NEXT.kid).kid == NEXT.kid
    assert key_set_server.hits == 2
    assert keys.current_generation() != before
    with pytest.raises(UnknownKey):
        keys.key(POOL.kid)


def test_renewal_removes_a_withdrawn_key_and_no_request_waits_for_it(
    clock: ManualClock,
) -> None:
    let_go = threading.Event()
    published = [POOL]
    fetched: list[str] = []

    def fetch(url: str) -> bytes:
        fetched.append(url)
        if published == [NEXT]:
            let_go.wait(30)
        return key_set([published[0].jwk()])

    keys = KeySource("unused", fetch=fetch, monotonic=clock)
    keys.key(POOL.kid)
    clock.now += 599
    assert keys.key(POOL.kid).kid == POOL.kid
    wait_for_renewals()
    assert len(fetched) == 1
    published[:] = [NEXT]
    clock.now += 1
    with ends_within(10):
        for _ in range(100):
            assert keys.key(POOL.kid).kid == POOL.kid
    let_go.set()
    wait_for_renewals()
    assert len(fetched) == 2
    assert keys.key(NEXT.kid).kid == NEXT.kid
    with pytest.raises(UnknownKey):
        keys.key(POOL.kid)


@pytest.mark.slow
def test_request_for_the_generation_also_starts_a_renewal(
    keys: KeySource, key_set_server: KeySetServer, clock: ManualClock
) -> None:
    keys.key(POOL.kid)
    before = keys.current_generation()
    key_set_server.publish(POOL, NEXT)
    key_set_server.behave("delay:0.5")
    clock.now += 600
    assert keys.current_generation() == before
    wait_until(lambda: keys.current_generation() != before)
    assert key_set_server.hits == 2


def test_failed_renewal_keeps_the_keys_and_is_tried_again_each_minute(
    keys: KeySource, key_set_server: KeySetServer, clock: ManualClock
) -> None:
    keys.key(POOL.kid)
    key_set_server.behave("status:503")
    for hits in range(2, 12):
        clock.now += 600 if hits == 2 else 60
        for _ in range(50):
            assert keys.key(POOL.kid).kid == POOL.kid
        wait_for_renewals()
        assert key_set_server.hits == hits
        for _ in range(50):
            assert keys.key(POOL.kid).kid == POOL.kid
        assert key_set_server.hits == hits
    key_set_server.behave("ok")
    key_set_server.publish(NEXT)
    clock.now += 60
    keys.current_generation()
    wait_for_renewals()
    assert keys.key(NEXT.kid).kid == NEXT.kid


def test_renewal_without_a_free_thread_is_tried_again(
    keys: KeySource,
    key_set_server: KeySetServer,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys.key(POOL.kid)

    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    clock.now += 600
    with monkeypatch.context() as context:
        context.setattr(threading.Thread, "start", fail)
        assert keys.key(POOL.kid).kid == POOL.kid
    clock.now += 60
    assert keys.key(POOL.kid).kid == POOL.kid
    wait_for_renewals()
    assert key_set_server.hits == 2


# --- faults


@pytest.mark.parametrize("fault", UNUSABLE)
def test_unusable_first_answer_is_an_outage_and_not_a_token_error(
    fault: str, keys: KeySource, key_set_server: KeySetServer, clock: ManualClock
) -> None:
    key_set_server.behave(fault)
    with pytest.raises(KeysUnavailable) as refused:
        keys.key(POOL.kid)
    assert refused.value.retry_after == 2
    assert refused.value.reason
    assert not keys.has_keys
    assert key_set_server.hits == 1
    # The source recovers without a restart.
    key_set_server.behave("ok")
    clock.now += 2
    assert keys.key(POOL.kid).kid == POOL.kid


@pytest.mark.parametrize("fault", UNUSABLE)
def test_unusable_later_answer_keeps_the_keys(
    fault: str, keys: KeySource, key_set_server: KeySetServer
) -> None:
    keys.key(POOL.kid)
    generation = keys.current_generation()
    key_set_server.behave(fault)
    with pytest.raises(KeysUnavailable):
        keys.key(NEXT.kid)
    assert keys.key(POOL.kid).kid == POOL.kid
    assert keys.current_generation() == generation
    assert key_set_server.hits == 2


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["hang", "drip:0.1", "header_drip:0.1", "delay:30"])
def test_slow_server_raises_after_the_deadline(
    fault: str, keys: KeySource, key_set_server: KeySetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A shorter deadline fails in a Lambda function, as cognito/deadlines.py explains.
    assert deadlines.KEY_SET_SECONDS > 2
    monkeypatch.setattr(deadlines, "KEY_SET_SECONDS", 0.3)
    key_set_server.behave(fault)
    with ends_within(10), pytest.raises(KeysUnavailable):
        keys.key(POOL.kid)


def test_redirect_is_not_followed(keys: KeySource, key_set_server: KeySetServer) -> None:
    with KeySetServer(POOL) as elsewhere:
        for behaviour in ("redirect", "redirect307"):
            key_set_server.behave(f"{behaviour}:{elsewhere.url}")
            fresh = KeySource(key_set_server.url)
            with pytest.raises(KeysUnavailable):
                fresh.key(POOL.kid)
        assert elsewhere.hits == 0
    assert key_set_server.hits == 2


@pytest.mark.parametrize("fault", ["bad_key_first", "junk_entries", "exotic"])
def test_usable_keys_are_found_among_unusable_ones(
    fault: str, keys: KeySource, key_set_server: KeySetServer
) -> None:
    key_set_server.behave(fault)
    assert keys.key(POOL.kid).verifies(sha256(b"x").digest(), POOL.sign(b"x"))


# --- floods


def test_flood_of_unknown_kids_causes_one_fetch_in_ten_seconds(
    keys: KeySource, key_set_server: KeySetServer, clock: ManualClock
) -> None:
    keys.key(POOL.kid)
    for n in range(1000):
        clock.now += 0.0099
        with pytest.raises(UnknownKey):
            keys.key(f"unknown {n}")
        assert keys.key(POOL.kid).kid == POOL.kid
    assert key_set_server.hits == 2
    clock.now += 0.2
    with pytest.raises(UnknownKey):
        keys.key("unknown")
    assert key_set_server.hits == 3


def test_flood_of_unknown_kids_during_an_outage_causes_one_fetch(
    keys: KeySource, key_set_server: KeySetServer, clock: ManualClock
) -> None:
    keys.key(POOL.kid)
    key_set_server.behave("status:500")
    for n in range(1000):
        clock.now += 0.0099
        # The key may be new, so it must not be called unknown.
        with pytest.raises(KeysUnavailable) as refused:
            keys.key(f"unknown {n}")
        assert 1 <= refused.value.retry_after <= 10
    assert key_set_server.hits == 2


def test_failure_of_the_first_fetch_is_remembered_for_two_seconds(
    keys: KeySource, key_set_server: KeySetServer, clock: ManualClock
) -> None:
    key_set_server.behave("status:503")
    for _ in range(100):
        with pytest.raises(KeysUnavailable):
            keys.key(POOL.kid)
        clock.now += 0.0199
    assert key_set_server.hits == 1
    clock.now += 0.1
    with pytest.raises(KeysUnavailable):
        keys.key(POOL.kid)
    assert key_set_server.hits == 2


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """Call `work` in `count` threads that start together. Return its results and exceptions."""
    barrier = threading.Barrier(count)
    outcomes: list[object] = [None] * count

    def run(n: int) -> None:
        barrier.wait(10)
        try:
            outcomes[n] = work(n)
        except Exception as e:  # noqa: BLE001 # the test checks it
            outcomes[n] = e

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


def test_fifty_requests_at_once_share_the_first_fetch(
    key_set_server: KeySetServer,
) -> None:
    keys = KeySource(key_set_server.url)
    key_set_server.behave("delay:0.2")
    outcomes = at_once(50, lambda _: keys.key(POOL.kid).kid)
    assert outcomes == [POOL.kid] * 50
    assert key_set_server.hits == 1


@pytest.mark.slow
def test_fifty_requests_at_once_share_a_failed_fetch(
    keys: KeySource, key_set_server: KeySetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "KEY_SET_SECONDS", 0.5)
    key_set_server.behave("hang")
    with ends_within(10):
        outcomes = at_once(50, lambda _: keys.key(POOL.kid))
    assert {type(outcome) for outcome in outcomes} == {KeysUnavailable}
    assert key_set_server.hits == 1


def test_unknown_kids_of_many_threads_cause_one_fetch(
    key_set_server: KeySetServer,
) -> None:
    keys = KeySource(key_set_server.url)
    keys.load()
    at_once(40, lambda n: [_missing(keys, f"unknown {n} {i}") for i in range(25)])
    assert _missing(keys, "unknown")
    assert key_set_server.hits == 2


def test_four_requests_wait_for_a_key_set_that_hangs_and_the_others_are_refused(
    clock: ManualClock,
) -> None:
    refusals: list[KeysUnavailable] = []
    let_go = threading.Event()

    def fetch(_: str) -> bytes:
        # This waits until all other requests were refused, so they cannot have waited for it.
        assert let_go.wait(20)
        raise TransportError(reason="no answer")

    keys = KeySource("unused", initial=key_set([POOL.jwk()]).decode(), fetch=fetch, monotonic=clock)

    def ask(n: int) -> str:
        with pytest.raises(KeysUnavailable) as refused:
            keys.key(f"unknown {n}")
        refusals.append(refused.value)
        if len(refusals) == 40 - MAX_WAITING:
            let_go.set()
        return refused.value.reason

    outcomes = at_once(40, ask)
    assert outcomes.count("too many requests wait for it already") == 40 - MAX_WAITING
    assert outcomes.count("no answer") == MAX_WAITING
    assert {one.retry_after for one in refusals if "already" in one.reason} == {1}


@pytest.mark.slow
def test_four_requests_wait_after_the_first_fetch_of_a_process_has_failed(
    key_set_server: KeySetServer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = KeySource(key_set_server.url, monotonic=clock)
    key_set_server.behave("status:503")
    with pytest.raises(KeysUnavailable):
        keys.load()
    clock.now += 2
    key_set_server.behave("hang")
    monkeypatch.setattr(deadlines, "KEY_SET_SECONDS", 1.0)
    outcomes = at_once(20, lambda _: _reason(keys))
    assert outcomes.count("too many requests wait for it already") >= 20 - MAX_WAITING
    assert key_set_server.hits == 2


def _reason(keys: KeySource) -> str:
    with pytest.raises(KeysUnavailable) as refused:
        keys.key(POOL.kid)
    return refused.value.reason


def test_request_without_time_left_does_not_fetch_the_key_set(
    keys: KeySource, key_set_server: KeySetServer
) -> None:
    with deadlines.running(deadlines.Budget(calls=0, database=1)), pytest.raises(KeysUnavailable):
        keys.load()
    assert key_set_server.hits == 0
    keys.load()


def _missing(keys: KeySource, kid: str) -> bool:
    """Return True if the key does not exist, and False if the source cannot say so."""
    try:
        keys.key(kid)
    except UnknownKey:
        return True
    except KeysUnavailable:
        return False
    raise AssertionError("an unpublished key was found")


def test_requests_for_known_keys_do_not_wait_for_the_fetch_of_an_unknown_one(
    keys: KeySource, key_set_server: KeySetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "KEY_SET_SECONDS", 30)
    keys.load()
    key_set_server.behave("hang")
    outcomes: list[bool] = []
    stuck = threading.Thread(target=lambda: outcomes.append(_missing(keys, "unknown")))
    stuck.start()
    wait_until(lambda: key_set_server.hits == 2)
    with ends_within(10):
        for _ in range(1000):
            keys.key(POOL.kid)
    assert stuck.is_alive()
    key_set_server.behave("ok")  # releases the request
    stuck.join(20)
    assert outcomes == [False]


def test_key_that_another_thread_has_just_fetched_is_not_fetched_again(
    keys: KeySource, key_set_server: KeySetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch_meanwhile(limit: float) -> float:
        """Fetch as another thread, after this one has looked for the key."""
        monkeypatch.undo()
        keys.load()
        return limit

    monkeypatch.setattr(deadlines, "call_seconds", fetch_meanwhile)
    assert keys.key(POOL.kid).kid == POOL.kid
    assert key_set_server.hits == 1


def test_request_stops_waiting_for_a_slow_fetch_of_another_thread(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognito.deadlines.KEY_SET_SECONDS", 0.1)
    asked, let_go = threading.Event(), threading.Event()

    def fetch(_: str) -> bytes:
        asked.set()
        let_go.wait(30)
        return key_set([POOL.jwk()])

    keys = KeySource("unused", fetch=fetch, monotonic=clock)
    first = threading.Thread(target=keys.load)
    first.start()
    assert asked.wait(5)
    with pytest.raises(KeysUnavailable) as refused:
        keys.key(POOL.kid)
    assert refused.value.reason == "no answer yet"
    let_go.set()
    first.join(20)
    assert keys.key(POOL.kid).kid == POOL.kid


# --- logs and errors


def test_failures_are_logged_at_most_once_a_minute(
    keys: KeySource,
    key_set_server: KeySetServer,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, logger="cognito")
    key_set_server.behave("status:503")
    for _ in range(59):
        with pytest.raises(KeysUnavailable):
            keys.key(POOL.kid)
        clock.now += 1
    (record,) = caplog.records
    assert record.getMessage() == (
        f"The key set at {key_set_server.url} is unavailable: "
        "the key set was answered with status 503"
    )
    clock.now += 1
    with pytest.raises(KeysUnavailable):
        keys.key(POOL.kid)
    assert len(caplog.records) == 2


def test_defect_of_the_fetch_is_raised_and_the_next_request_succeeds(clock: ManualClock) -> None:
    answers: list[bytes | Exception] = [ZeroDivisionError(), key_set([POOL.jwk()])]

    def fetch(_: str) -> bytes:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    keys = KeySource("unused", fetch=fetch, monotonic=clock)
    with pytest.raises(ZeroDivisionError):
        keys.key(POOL.kid)
    clock.now += 2
    assert keys.key(POOL.kid).kid == POOL.kid


def test_reason_of_a_transport_error_is_in_the_log_and_not_in_the_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fetch(_: str) -> bytes:
        raise TransportError(reason="SSLError")

    with pytest.raises(KeysUnavailable) as refused:
        KeySource("https://keys.example", fetch=fetch).key("any")
    assert "SSLError" not in str(refused.value)
    assert caplog.messages == ["The key set at https://keys.example is unavailable: SSLError"]


def test_key_of_a_token_from_the_provider_is_fetched_during_a_pause(
    keys: KeySource, key_set_server: KeySetServer, clock: ManualClock
) -> None:
    keys.load()
    with pytest.raises(UnknownKey):
        keys.key("unknown")
    key_set_server.publish(NEXT)
    with pytest.raises(UnknownKey):
        keys.key(NEXT.kid)
    assert keys.key(NEXT.kid, is_from_provider=True)
    # This is possible once in ten seconds. Until then the key is unavailable, and not unknown.
    with pytest.raises(UnknownKey):
        keys.key("another")
    key_set_server.publish(POOL)
    fetches = key_set_server.hits
    with pytest.raises(KeysUnavailable):
        keys.key(POOL.kid, is_from_provider=True)
    assert key_set_server.hits == fetches
    clock.now += 11
    assert keys.key(POOL.kid, is_from_provider=True)
