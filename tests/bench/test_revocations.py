from __future__ import annotations

from contextlib import nullcontext

import pytest

from bench import __main__ as command_line
from bench import revocations
from bench.revocations import Result


def test_revocations_table_shows_memory_and_waits_with_their_budgets() -> None:
    result = Result(requests=[0.01, 0.02, 0.3], loading=4.2, megabytes=87.4)
    assert revocations.table(result).splitlines() == [
        "| a new process, 500,000 users who signed out everywhere | measured | budget |",
        "|---|--:|--:|",
        "| memory of the whole list | 87 MB | 150 MB |",
        "| longest wait of a request | 0.30 s | 1.00 s |",
        "| median wait of a request | 20.0 ms | |",
        "| until the list is complete | 4.2 s | |",
    ]


@pytest.mark.parametrize(
    ("wait", "megabytes", "status"), [(1.0, 150.0, 0), (1.1, 150.0, 1), (1.0, 151.0, 1)]
)
def test_revocations_benchmark_fails_over_either_budget(
    monkeypatch: pytest.MonkeyPatch, wait: float, megabytes: float, status: int
) -> None:
    for variable in ("BENCH_DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(variable, "of the run")
    monkeypatch.setattr(command_line, "postgresql", lambda: nullcontext("postgresql://"))
    result = Result(requests=[0.0, wait], loading=1.0, megabytes=megabytes)
    monkeypatch.setattr(revocations, "measure", lambda: result)
    assert command_line.main(["revocations"]) == status
