"""Prometheus' text format 0.0.4, read by a parser that follows its grammar."""

from __future__ import annotations

import re

import pytest

from accounts.metrics.declared import (
    CALL_TIME,
    COLD_STARTS,
    METRICS,
    REVOCATION_LIST_AGE,
    SIGN_INS,
    Kind,
    Metric,
)
from accounts.metrics.recorder import BUCKETS, Metrics
from project.metrics.prometheus import PREFIX, exposition

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (\S+)")
_ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def unescaped(text: str) -> str:
    return re.sub(r'\\["\\n]', lambda found: _ESCAPES[found[0]], text)


def parsed(text: str) -> tuple[dict[str, str], dict[str, str], Samples]:
    """Return the helps, the types and the samples of an exposition. Raise on invalid syntax."""
    helps: dict[str, str] = {}
    types: dict[str, str] = {}
    samples: Samples = {}
    assert text.endswith("\n"), "the last line must end with a line feed"
    for line in text[:-1].split("\n"):
        if line.startswith("# "):
            _, keyword, name, rest = line.split(" ", 3)
            assert re.fullmatch(_NAME, name)
            table = {"HELP": helps, "TYPE": types}[keyword]
            assert name not in table, "only one HELP and one TYPE for a name"
            table[name] = unescaped(rest)
            continue
        found = _SAMPLE.fullmatch(line)
        assert found, line
        name, labels, value = found.groups()
        family = next(one for one in types if name.removeprefix(one) in SUFFIXES[types[one]])
        # All lines of a metric form one group, after its TYPE.
        assert family == list(types)[-1]
        pairs = []
        while labels:
            pair = _LABEL.match(labels)
            assert pair, line
            pairs.append((pair[1], unescaped(pair[2])))
            labels = labels[pair.end() :]
        key = (name, tuple(pairs))
        assert key not in samples, "each combination of labels occurs once"
        samples[key] = float(value)
    return helps, types, samples


SUFFIXES = {"counter": {""}, "gauge": {""}, "histogram": {"_bucket", "_sum", "_count"}}


def test_every_metric_has_its_help_and_type() -> None:
    helps, types, samples = parsed(exposition({}))
    assert helps == {PREFIX + metric.exported: metric.meaning for metric in METRICS}
    assert types == {PREFIX + metric.exported: metric.kind.value for metric in METRICS}
    # Those without a label begin at 0, so that their first increment is seen.
    assert samples == {
        (PREFIX + metric.exported, ()): 0
        for metric in METRICS
        if metric.kind is Kind.COUNTER and not metric.label
    }


def test_exposition_has_the_form_of_each_kind_of_metric() -> None:
    metrics = Metrics()
    metrics.count(SIGN_INS, "success")
    metrics.count(COLD_STARTS)
    metrics.observe(REVOCATION_LIST_AGE, 2.25)
    for seconds in (0.03, 0.04, 7.0):
        metrics.observe(CALL_TIME, seconds, "GetUser")
    _, _, samples = parsed(exposition(metrics.totals()))
    assert samples["gatehouse_sign_ins_total", (("result", "success"),)] == 1
    assert samples["gatehouse_cold_starts_total", ()] == 1
    assert samples["gatehouse_revocation_list_age_seconds", ()] == 2.25
    name, of = "gatehouse_cognito_call_seconds", ("operation", "GetUser")
    buckets = [
        samples[f"{name}_bucket", (of, ("le", bound))]
        for bound in [*(f"{bound:g}" for bound in BUCKETS), "+Inf"]
    ]
    assert buckets == [0, 0, 2, 2, 2, 2, 2, 2, 2, 3]
    assert samples[f"{name}_count", (of,)] == 3
    assert samples[f"{name}_sum", (of,)] == pytest.approx(7.07)


@pytest.mark.parametrize("label", ['a"b', "a\\b", "a\nb", "\\n", "é", ""])
def test_label_and_help_are_escaped(label: str) -> None:
    metric = Metric("X", "x_total", Kind.COUNTER, f"Says {label or 'nothing'}.", "of")
    helps, _, samples = parsed(exposition({(metric, label): [1.0]}, [metric]))
    assert samples == {("gatehouse_x_total", (("of", label),)): 1}
    assert helps == {"gatehouse_x_total": f"Says {label or 'nothing'}."}


def test_series_are_in_a_stable_order() -> None:
    metrics = Metrics()
    for label in ("b", "a", "c"):
        metrics.count(SIGN_INS, label)
    found = re.findall(r'result="(.)"', exposition(metrics.totals()))
    assert found == ["a", "b", "c"]
