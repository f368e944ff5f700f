"""Tests of docs/check.py, which finds banned words and broken links."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.check import BANNED, anchors, banned_words, broken_links, project_files


def found(text: str) -> list[int]:
    return [finding.line for finding in banned_words("page.md", text)]


@pytest.mark.parametrize(
    "text",
    [
        "Whoever signs in.",
        "def test_somebody_elses_note_is_hidden() -> None:",
        "def test_it_is_refused() -> None:",
        "a code that is none",
        "a code that is no number",
        "It is to be removed.",
        *(words for words in BANNED if words.replace(" ", "").isalpha()),
        *["whoever", "somebody", "strangers", "afresh", "doors", "landed"],
    ],
)
def test_banned_word_is_found(text: str) -> None:
    assert found(text) == [1]


@pytest.mark.parametrize(
    "text", ["oddly", "addresses", "if it is None", "a key that is no longer used", "testing it"]
)
def test_allowed_word_passes(text: str) -> None:
    assert found(text) == []


def test_phrase_is_found_across_lines_of_a_comment() -> None:
    assert found("x = 1\n    # a token that is\n    # none") == [2]


def test_quoted_line_passes() -> None:
    assert found('assert "Nobody answered" in log  # prose: quoted') == []


def test_link_to_a_missing_page_or_anchor_is_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.md").write_text("# One `two` [three](b.md)\n\n```\n# not a heading\n```\n")
    page = (
        "[good](docs/a.md#one-two-three) [web](https://example.com/x) [here](#title)\n# Title\n"
        "[page](docs/b.md)\n[anchor](docs/a.md#not-a-heading)\n```\n[code](docs/c.md)\n```\n[h](#no)"
    )
    (tmp_path / "page.md").write_text(page)
    lines = [finding.line for finding in broken_links(tmp_path, "page.md", page)]
    assert sorted(set(lines)) == [3, 4, 6, 8]
    assert anchors(tmp_path / "docs/a.md") == {"one-two-three"}


def test_files_are_found_on_a_machine_without_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("page.md", "docs/a.md", ".github/b.yml", ".venvs/app/c.md", "docs/d.pyc"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / ".gitignore").write_text("# Ignored:\n/.venvs/\n*.pyc\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert project_files(tmp_path) == [".github/b.yml", ".gitignore", "docs/a.md", "page.md"]
