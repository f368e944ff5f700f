from __future__ import annotations

from pathlib import Path

import pytest

from bench import __main__ as command_line
from bench.race import Result
from bench.report import conditions, replace_section, table


def test_table_marks_results_over_budget() -> None:
    results = [
        Result(name="base", microseconds=16.84, ratio=1, budget=None),
        Result(name="fine", microseconds=20, ratio=1.2, budget=1.25),
        Result(name="late", microseconds=30, ratio=1.784, budget=1.5),
    ]

    assert table("what", results).splitlines() == [
        "| what | ratio | median µs | budget |",
        "|---|--:|--:|--:|",
        "| base | 1.00 | 16.8 |  |",
        "| fine | 1.20 | 20.0 | 1.25 |",
        "| **late (over budget)** | 1.78 | 30.0 | 1.50 |",
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
