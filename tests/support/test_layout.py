"""The folders of `tests/` have the names of the folders of the code."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parents[1]
PACKAGES = [
    *("cognito", "accounts", "api", "project", "infra", "local_cognito"),
    "bench",  # only with bench
    "migration",  # only with user-migration
]


def test_each_folder_of_tests_has_the_name_of_a_folder_of_the_code() -> None:
    folders = [
        file.parent.relative_to(TESTS)
        for package in PACKAGES
        for file in (TESTS / package).rglob("__init__.py")
    ]
    assert len(folders) > 30
    assert [f"{one}" for one in folders if not (TESTS.parent / one / "__init__.py").exists()] == []
