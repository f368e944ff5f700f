"""The command with which a maintainer makes a release, which an update finds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from infra.environments import ROOT
from infra.product.release import CHANGELOG, UNRELEASED
from tests.infra.product import upstream
from tests.infra.product.upstream import Repository

ENTRIES = """\
# Changes

## Unreleased

### Added

- A second page.

## 0.2.0 (2026-01-01)

- The first.
"""


@pytest.fixture
def source(tmp_path: Path) -> Repository:
    source = upstream.small(tmp_path / "upstream")
    source.write(CHANGELOG, ENTRIES)
    source.commit("Add a page")
    return source


def release(source: Repository, version: str, status: int = 0) -> str:
    done = source.infra("release", version)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stderr if status else done.stdout


def state(source: Repository) -> tuple[str, ...]:
    return source.git("log", "--format=%H"), source.git("tag", "--list"), source.git("status", "-s")


def test_release_is_a_commit_with_a_version_and_a_tag(source: Repository) -> None:
    shown = release(source, "0.3.0")
    today = dt.datetime.now(dt.UTC).date()
    days = [today - dt.timedelta(days=1), today]
    heading = f"{UNRELEASED}\n## 0.3.0 ({{}})\n\n### Added\n\n- A second page.\n"
    assert any(heading.format(day) in source.read(CHANGELOG) for day in days)
    assert '\nversion = "0.3.0"\n' in source.read("pyproject.toml")
    assert source.git("log", "-1", "--format=%s") == "Release 0.3.0"
    assert source.git("describe", "--exact-match") == "v0.3.0"
    assert source.git("status", "--porcelain") == ""
    assert "git push --follow-tags origin HEAD" in shown


def test_release_reaches_a_product(source: Repository, tmp_path: Path) -> None:
    acme = tmp_path / "acme"
    done = source.infra("new", str(acme), "--name", "Acme", "--package", "acme")
    assert done.returncode == 0, done.stderr
    product = Repository(acme)
    assert "There is no later release." in product.infra("update").stdout
    source.replace(CHANGELOG, "- A second page.\n", "- A second page.\n- A third page.\n")
    source.commit("Add another page")
    release(source, "0.3.0")
    done = product.infra("update")
    assert done.returncode == 0, done.stderr
    assert "- A third page." in done.stdout
    assert 'version = "0.3.0"' in product.read("upstream.toml")


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("0.2.0", "0.2.0 is not later than 0.2.0"),
        ("0.1.9", "0.1.9 is not later than 0.2.0"),
        ("v0.3.0", "expected three numbers, as in 1.2.0"),
        ("0.3", "expected three numbers, as in 1.2.0"),
        ("0.3.0rc1", "expected three numbers, as in 1.2.0"),
    ],
)
def test_invalid_version_is_refused(source: Repository, version: str, problem: str) -> None:
    before = state(source)
    assert problem in release(source, version, status=2)
    assert state(source) == before


def test_release_later_than_the_version_of_the_project_counts(source: Repository) -> None:
    source.git("tag", "v0.5.0")
    assert "0.4.0 is not later than 0.5.0" in release(source, "0.4.0", status=2)


def test_release_without_an_entry_or_with_other_changes_is_refused(source: Repository) -> None:
    source.write("own.py", "")
    before = state(source)
    assert "changes that are not committed" in release(source, "0.3.0", status=2)
    assert state(source) == before
    source.write(CHANGELOG, ENTRIES.replace("- A second page.\n", ""))
    source.commit("Remove the page")
    before = state(source)
    assert 'CHANGELOG.md has no entry under "## Unreleased"' in release(source, "0.3.0", status=2)
    assert state(source) == before


def test_changelog_of_this_project_has_a_place_for_unreleased_changes() -> None:
    assert UNRELEASED in (ROOT / CHANGELOG).read_text("utf-8")
