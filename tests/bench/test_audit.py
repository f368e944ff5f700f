from __future__ import annotations

from contextlib import nullcontext

import pytest

from bench import __main__ as command_line
from bench import audit


def test_audit_table_has_a_line_for_each_page() -> None:
    pages = [audit.Page("the list", 5, 4.6), audit.Page("slow", 9, 301.0)]
    assert audit.table(pages).splitlines() == [
        "| with 1,000,000 events | queries | median ms in the database | budget |",
        "|---|--:|--:|--:|",
        "| the list | 5 | 5 | 300 |",
        "| slow | 9 | 301 | 300 |",
    ]


@pytest.mark.parametrize(("milliseconds", "status"), [(300.0, 0), (300.1, 1)])
def test_audit_benchmark_fails_over_its_budget(
    monkeypatch: pytest.MonkeyPatch, milliseconds: float, status: int
) -> None:
    for variable in ("BENCH_DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(variable, "of the run")
    monkeypatch.setattr(command_line, "postgresql", lambda: nullcontext("postgresql://"))
    monkeypatch.setattr(audit, "measure", lambda _: [audit.Page("a page", 1, milliseconds)])
    assert command_line.main(["audit"]) == status
