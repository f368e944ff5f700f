from __future__ import annotations

from pathlib import Path

from django.conf import settings

from infra.environments import ROOT
from project.version import version


def test_checkout_has_the_version_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    assert version(packed=tmp_path / "absent", project=tmp_path / "pyproject.toml") == "1.2.3"
    line = f'\nversion = "{settings.GATEHOUSE_VERSION}"\n'
    assert line in (ROOT / "pyproject.toml").read_text()


def test_bundle_has_the_version_that_was_packed(tmp_path: Path) -> None:
    packed = tmp_path / "version.txt"
    packed.write_text("1.2.3 (0123abc)")
    assert version(packed=packed, project=tmp_path / "absent") == "1.2.3 (0123abc)"
