from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from infra.deploy.bundle.bundle_version import bundle_version


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "one.py").write_text("one = 1\n")
    (tmp_path / "two.py").write_text("two = 2\n")
    return tmp_path


def test_version_has_the_project_version_and_a_digest(sources: Path) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+ \([0-9a-f]{7}\)", bundle_version(sources, "django==5\n"))


def test_version_does_not_depend_on_dates_of_files(sources: Path) -> None:
    before = bundle_version(sources, "django==5\n")
    os.utime(sources / "two.py", (0, 0))
    (sources / "two.py").chmod(0o600)
    assert bundle_version(sources, "django==5\n") == before


def test_version_changes_with_every_change_of_the_sources(sources: Path) -> None:
    versions = {bundle_version(sources, "django==5\n"), bundle_version(sources, "django==6\n")}
    (sources / "two.py").write_text("two = 3\n")
    versions.add(bundle_version(sources, "django==5\n"))
    (sources / "two.py").rename(sources / "three.py")
    versions.add(bundle_version(sources, "django==5\n"))
    (sources / "three.py").rename(sources / "api" / "three.py")
    versions.add(bundle_version(sources, "django==5\n"))
    assert len(versions) == 5
