"""CloudWatch's embedded metric format, checked against its specification."""

from __future__ import annotations

import json
from typing import Any

from accounts.metrics.declared import (
    AUDIT_FAILURES,
    CALL_FAILURES,
    CALL_TIME,
    RENEWALS,
    SIGN_INS,
)
from accounts.metrics.recorder import Series
from project.metrics.log_lines import log_lines


def lines(figures: dict[Series, list[float]]) -> list[dict[str, Any]]:
    return list(log_lines(figures, service="shop-dev", at=1_700_000_000.25))


def valid(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members, which satisfy the rules of the specification.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    members = json.loads(json.dumps(members))
    metadata = members["_aws"]
    assert metadata["Timestamp"] == 1_700_000_000_250
    for directive in metadata["CloudWatchMetrics"]:
        assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
        assert 1 <= len(directive["Metrics"]) <= 100
        for dimensions in directive["Dimensions"]:
            assert 1 <= len(dimensions) <= 30
            assert all(isinstance(members[name], str) for name in dimensions)
            assert all(0 < len(members[name]) <= 1024 for name in dimensions)
        for metric in directive["Metrics"]:
            assert metric["Unit"] in {"Count", "Seconds", "Milliseconds"}
            value = members[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            assert 1 <= len(values) <= 100
            assert all(isinstance(one, int | float) for one in values)
    return members


def test_metrics_of_different_dimensions_share_a_line() -> None:
    (line,) = lines(
        {
            (CALL_TIME, "TokenEndpoint"): [0.1234, 0.5],
            (CALL_FAILURES, "TokenEndpoint"): [1],
            (SIGN_INS, "failure"): [1],
            (AUDIT_FAILURES, ""): [2],
        }
    )
    line = valid(line)
    assert line["CognitoLatency"] == [123.4, 500]
    assert (line["Operation"], line["Result"], line["Service"]) == (
        "TokenEndpoint",
        "failure",
        "shop-dev",
    )
    assert (line["CognitoFailures"], line["SignIns"], line["AuditFailures"]) == (1, 1, 2)
    dimensions = {
        metric["Name"]: directive["Dimensions"]
        for directive in line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    }
    assert dimensions == {
        "CognitoLatency": [["Service"], ["Service", "Operation"]],
        "CognitoFailures": [["Service"], ["Service", "Operation"]],
        "SignIns": [["Service"], ["Service", "Result"]],
        "AuditFailures": [["Service"]],
    }


def test_two_values_of_a_dimension_have_two_lines() -> None:
    first, second = map(
        valid,
        lines(
            {
                (CALL_TIME, "TokenEndpoint"): [0.1],
                (CALL_TIME, "KeySet"): [0.2],
                (SIGN_INS, "success"): [1],
            }
        ),
    )
    assert (first["Operation"], first["Result"]) == ("TokenEndpoint", "success")
    assert (second["Operation"], second["CognitoLatency"]) == ("KeySet", 200)


def test_metrics_with_different_results_have_two_lines() -> None:
    results = [
        (line["Result"], "SignIns" in line)
        for line in lines({(SIGN_INS, "success"): [1], (RENEWALS, "ended"): [1]})
    ]
    assert results == [("success", True), ("ended", False)]
