"""Tests that the generated documentation of variables is up to date."""

from __future__ import annotations

from docs import settings

WRITE = "Run `.venvs/app/bin/python -m docs.settings`, which writes this file."


def test_tables_of_the_configuration_page_are_up_to_date() -> None:
    page = settings.PAGE.read_text("utf-8")
    assert page == settings.page(page), WRITE


def test_example_of_a_dotenv_file_is_up_to_date() -> None:
    assert settings.EXAMPLE.read_text("utf-8") == settings.example(), WRITE
