"""The arithmetic of docs/scaling.md, its list of tables, and a small simulation."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.apps import apps

from bench import __main__ as command_line
from bench import report
from bench.revocations import Result as ListResult
from bench.scale import formulas, renewals, scale, table_rows
from bench.scale.formulas import Load, Prices, stepped
from bench.scale.renewals import Outcome
from bench.scale.scale import Result
from bench.scale.table_rows import TABLES, Measured

PAGE = Path(command_line.SCALING)


def outcome(*, signed_out: int = 0) -> Outcome:
    return Outcome(1000, 60, Counter({1: 3}), Counter({1: 6}), signed_out, [300.0, 310.0])


def result(*, signed_out: int = 0, megabytes: float = 90, deleted: float = 5000) -> Result:
    return Result(
        {0.5: outcome(signed_out=signed_out), 2.0: outcome(signed_out=500)},
        outcome(),
        outcome(),
        Measured({"accounts.User": 500.0}, deleted),
        {500_000: ListResult([0.1], 4.0, megabytes)},
    )


def test_rates_of_a_million_users_follow_from_the_assumptions() -> None:
    load = Load(1_000_000)
    assert load.at_once == pytest.approx(12_000)
    assert load.renewals_a_second == pytest.approx(40)
    assert load.sign_ins_a_second == pytest.approx(200_000 * 0.12 / 3600)
    assert load.requests_a_second == pytest.approx(400)
    assert load.concurrency == pytest.approx(400 * 0.03 + 40 * 0.15)
    assert load.sign_outs_a_day == pytest.approx(60_000)


@pytest.mark.parametrize(
    ("users", "dollars"),
    [(10_000, 0), (10_001, 0.0055), (1_000_000, 90_000 * 0.0055 + 900_000 * 0.0046)],
)
def test_each_step_of_a_price_applies_to_its_own_units(users: int, dollars: float) -> None:
    assert stepped(users, Prices().lite) == pytest.approx(dollars)


def test_costs_follow_from_requests_and_renewals() -> None:
    costs = formulas.money(Load(1_000_000), Prices(), stored_gigabytes=100)
    requests = 200_000 * 60 * 30.4
    seconds = requests * 0.03 + 200_000 * 6 * 30.4 * 0.15
    assert costs["Lambda (arm64, 1 GB)"] == pytest.approx(
        requests * 0.20e-6 + seconds * 0.0000133334
    )
    assert costs["Cognito, Essentials"] == pytest.approx(990_000 * 0.015)
    assert costs["PostgreSQL"] == pytest.approx(0.90 * 24 * 30.4 + 11.5)


def test_page_shows_the_arithmetic(tmp_path: Path) -> None:
    copy = tmp_path / "scaling.md"
    copy.write_text(PAGE.read_text("utf-8"), "utf-8")
    report.replace_section(copy, "bench scale load", scale.arithmetic())
    assert copy.read_text("utf-8") == PAGE.read_text("utf-8"), "run python -m bench scale --write"


def test_page_lists_every_table_of_the_database() -> None:
    models = {
        f"{model._meta.app_label}.{model._meta.object_name}"
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }
    assert set(TABLES) == models
    page = PAGE.read_text("utf-8")
    assert [label for label in TABLES if f"| `{label}` |" not in page] == []


@pytest.mark.django_db
def test_rows_of_the_real_models_are_measured_and_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = iter(range(0, 14_000, 1000))
    monkeypatch.setattr(table_rows, "_size", lambda *_: next(sizes))
    measured = table_rows.measure(10)
    assert set(measured.bytes_of_a_row.values()) == {100.0}
    assert measured.deleted_a_second > 0
    for label in measured.bytes_of_a_row:
        is_kept = label in {"accounts.User", "accounts.AuditEvent"}
        assert apps.get_model(label).objects.count() == (10 if is_kept else 0)


def test_no_session_ends_below_the_quota() -> None:
    found = renewals.simulate(30, quota=1, seconds=700)
    assert found.signed_out == 0
    assert found.renewed.total() >= 60
    assert 300 <= found.mean_age < 320


def test_sessions_end_if_cognito_does_not_answer_for_longer_than_they_tolerate() -> None:
    found = renewals.simulate(30, quota=1, seconds=1500, outage=(0, 1500), together=True)
    assert found.signed_out == 30
    assert found.renewed.total() == 0


def test_text_has_a_row_for_each_result() -> None:
    text = scale.text(result())
    assert "| 0.5 | 305 s | 3.0 | 3.0 | 0.0% |" in text
    assert "| 2.0 | 305 s | 3.0 | 3.0 | 50.0% |" in text
    assert "| 500,000 | 90 MB | 4.0 s |" in text
    assert "deleted 5,000 rows a second" in text
    assert "| Cognito, Essentials | 0 | 14,850 |" in text


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (result(), 0),
        (result(signed_out=5), 0),
        (result(signed_out=6), 1),
        (result(megabytes=151), 1),
        (result(deleted=599), 1),
    ],
    ids=["within", "signs_out_few", "signs_out", "memory", "clean_up"],
)
def test_benchmark_fails_over_a_budget(
    monkeypatch: pytest.MonkeyPatch, found: Result, status: int
) -> None:
    for variable in ("BENCH_DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(variable, "of the run")
    monkeypatch.setattr(command_line, "postgresql", lambda: nullcontext("postgresql://"))
    monkeypatch.setattr(scale, "measure", lambda: found)
    assert command_line.main(["scale"]) == status
