"""Tests that the fast parser of JSON changes no verdict about a token."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cognito.tokens.compare_verifiers import ROOT, differences, load

TOKENS = 1500


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, to be changed."""
    shutil.copytree(ROOT / "cognito", tmp_path / "cognito")
    return tmp_path


def change(tree: Path, file: str, old: str, new: str) -> None:
    path = tree / "cognito" / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_verdicts_are_those_of_the_strict_parser(copy: Path) -> None:
    change(copy, "wire/strict_json.py", "value = orjson.loads(text)", "value = None")

    assert not list(differences(load(copy), load(), tokens=TOKENS, seed=1))


def test_comparison_finds_a_parser_that_accepts_duplicate_members(copy: Path) -> None:
    change(copy, "wire/strict_json.py", "orjson.dumps(value) != text", "False")

    assert list(differences(load(), load(copy), tokens=TOKENS, seed=1))
