from __future__ import annotations

from pathlib import Path

import pytest

from bench import __main__ as command_line
from bench.race import Budget, Results
from bench.report import budget_table, conditions, replace_section, table

RESULTS = Results({"base": [16.84], "fine": [20.208], "late": [30.04256]})


def test_table_has_a_row_for_each_contestant() -> None:
    assert table("what", RESULTS).splitlines() == [
        "| what | ratio | median µs |",
        "|---|--:|--:|",
        "| base | 1.00 | 16.8 |",
        "| fine | 1.20 | 20.2 |",
        "| late | 1.78 | 30.0 |",
    ]


def test_table_of_budgets_marks_those_that_are_exceeded() -> None:
    budgets = [Budget("fine", "base", 1.25), Budget("late", "fine", 1.4)]

    assert budget_table(RESULTS, budgets).splitlines() == [
        "| time of | compared with | ratio | budget |",
        "|---|---|--:|--:|",
        "| fine | base | 1.20 | 1.25 |",
        "| **late (over budget)** | fine | 1.49 | 1.40 |",
    ]


def test_conditions_name_the_command() -> None:
    assert "`python -m bench tokens`" in conditions("python -m bench tokens")


def test_replacing_a_section_keeps_the_rest_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- a -->\nold\n<!-- /a -->\n<!-- b -->\n<!-- /b -->\n", "utf-8")

    replace_section(page, "a", r"new \1")
    replace_section(page, "a", r"newer \1")

    assert page.read_text("utf-8") == (
        "before\n<!-- a -->\n\nnewer \\1\n\n<!-- /a -->\n<!-- b -->\n<!-- /b -->\n"
    )


def test_page_without_the_section_is_not_changed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing", "utf-8")

    with pytest.raises(ValueError, match="no section"):
        replace_section(page, "a", "new")

    assert page.read_text("utf-8") == "nothing"


def test_performance_page_has_the_section_that_the_command_writes() -> None:
    page = command_line.PAGE.read_text("utf-8")

    assert page.index("<!-- bench tokens -->") < page.index("<!-- /bench tokens -->")


def test_missing_packages_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    # The compared libraries are not installed in the environment of the tests.
    with pytest.raises(SystemExit) as stopped:
        command_line.main(["tokens", "--rounds", "1"])

    assert stopped.value.code == 2
    assert "django_cognito_jwt" in (said := capsys.readouterr().err)
    assert "requirements/bench.txt" in said
