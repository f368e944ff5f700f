"""What a process counts, without a framework."""

from __future__ import annotations

import threading

import pytest

from accounts.metrics.declared import (
    ANSWER_TIME,
    CALL_FAILURES,
    CALL_THROTTLES,
    CALL_TIME,
    COLD_STARTS,
    METRICS,
    REVOCATION_LIST_AGE,
    SIGN_INS,
)
from accounts.metrics.recorder import BUCKETS, MAX_LABELS, MAX_VALUES, OTHER, Metrics
from cognito import errors
from tests.support.clock import ManualClock


def test_counts_are_drained_once_and_kept_in_the_totals() -> None:
    metrics = Metrics()
    metrics.count(SIGN_INS, "success")
    metrics.count(SIGN_INS, "success")
    metrics.count(COLD_STARTS)
    assert metrics.drain() == {(SIGN_INS, "success"): [2], (COLD_STARTS, ""): [1]}
    assert metrics.drain() == {}
    metrics.count(SIGN_INS, "success")
    assert metrics.drain() == {(SIGN_INS, "success"): [1]}
    assert metrics.totals() == {(SIGN_INS, "success"): [3], (COLD_STARTS, ""): [1]}


def test_totals_are_a_copy() -> None:
    metrics = Metrics()
    metrics.count(COLD_STARTS)
    metrics.totals()[COLD_STARTS, ""][0] = 7
    assert metrics.totals() == {(COLD_STARTS, ""): [1]}


def test_time_is_counted_in_the_bucket_of_its_upper_bound() -> None:
    metrics = Metrics()
    for seconds in (0.01, 0.011, 99.0):
        metrics.observe(ANSWER_TIME, seconds, "2xx")
    *counts, total = metrics.totals()[ANSWER_TIME, "2xx"]
    assert counts == [1, 1, *[0] * (len(BUCKETS) - 2), 1]
    assert total == pytest.approx(99.021)


def test_gauge_keeps_the_latest_value() -> None:
    metrics = Metrics()
    metrics.observe(REVOCATION_LIST_AGE, 7.5)
    metrics.observe(REVOCATION_LIST_AGE, 0.0)
    assert metrics.totals() == {(REVOCATION_LIST_AGE, ""): [0.0]}
    assert metrics.drain() == {(REVOCATION_LIST_AGE, ""): [7.5, 0.0]}


def test_metric_that_is_not_logged_is_only_in_the_totals() -> None:
    metrics = Metrics()
    metrics.observe(ANSWER_TIME, 0.1, "2xx")
    assert metrics.drain() == {}
    assert (ANSWER_TIME, "2xx") in metrics.totals()


def test_tables_are_bounded_if_nothing_drains_them() -> None:
    metrics = Metrics()
    for number in range(3 * MAX_VALUES):
        metrics.observe(CALL_TIME, 0.1, "GetUser")
        metrics.count(SIGN_INS, f"label-{number}")
    recent = metrics.drain()
    assert len(recent[CALL_TIME, "GetUser"]) == MAX_VALUES
    labels = {label for metric, label in recent if metric is SIGN_INS}
    assert len(labels) == MAX_LABELS + 1
    assert recent[SIGN_INS, OTHER] == [3 * MAX_VALUES - MAX_LABELS]
    assert len(metrics.totals()) == 1 + MAX_LABELS + 1


def test_no_count_of_a_thread_is_lost() -> None:
    metrics = Metrics()
    drained: list[float] = []

    def count() -> None:
        for _ in range(2000):
            metrics.count(COLD_STARTS)
            drained.extend(metrics.drain().get((COLD_STARTS, ""), []))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(drained) == 8000
    assert metrics.totals()[COLD_STARTS, ""] == [8000]


def test_call_is_timed_whether_it_succeeds_or_fails() -> None:
    clock = ManualClock()
    metrics = Metrics(monotonic=clock)
    with metrics.calling("GetUser"):
        clock.now += 0.5

    def fail() -> None:
        with metrics.calling("GetUser"):
            clock.now += 2.0
            raise errors.TransportError

    with pytest.raises(errors.TransportError):
        fail()
    assert metrics.drain() == {
        (CALL_TIME, "GetUser"): [0.5, 2.0],
        (CALL_FAILURES, "GetUser"): [1],
    }


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.TooManyRequests(), CALL_THROTTLES),
        (errors.Throttled(), CALL_THROTTLES),
        (errors.TransportError(), CALL_FAILURES),
        (errors.ClientRefused(), CALL_FAILURES),
        (errors.CredentialsUnavailable(), CALL_FAILURES),
        (errors.MalformedAnswer(), CALL_FAILURES),
        # The caller's fault, or a call that was not made.
        (errors.TooManyAttempts(), None),
        (errors.NotAuthorized(), None),
        (errors.GrantRefused(), None),
        (errors.NoTimeLeft(), None),
        (errors.OperationNotSupported(), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_refusal_counts_only_if_cognito_or_a_quota_failed(
    error: errors.CognitoError, expected: object
) -> None:
    metrics = Metrics()
    metrics.refused("InitiateAuth", error)
    counted = {(expected, "InitiateAuth"): [1]} if expected else {}
    assert metrics.drain() == counted


def test_names_are_unique_and_units_are_in_the_exported_names() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    assert len({metric.exported for metric in METRICS}) == len(METRICS)
    # https://prometheus.io/docs/practices/naming/
    for metric in METRICS:
        assert metric.exported.endswith("_total" if metric.kind.value == "counter" else "_seconds")
