"""The local hosted UI has the logo and the colours of the application."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from accounts.branding import marks
from local_cognito.login import branding
from project.environment import colors


@pytest.fixture(autouse=True)
def _no_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SITE_LOGO", "SITE_COLOR", "SITE_COLOR_DARK"):
        monkeypatch.delenv(name, raising=False)


def test_colors_are_those_of_the_application_by_default() -> None:
    assert branding.colors() == (colors.DEFAULT, colors.dark_of(colors.DEFAULT))


def test_colors_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_COLOR", "4F46E5")
    monkeypatch.setenv("SITE_COLOR_DARK", "#ada8f3")
    content, content_type = branding.stylesheet()
    assert content == b":root { --site-color: #4F46E5; --site-color-dark: #ada8f3; }\n"
    assert content_type.startswith("text/css")


@pytest.mark.parametrize("value", ["red", "#12", "#fff; } * { display: none", ""])
def test_invalid_color_cannot_reach_the_stylesheet(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SITE_COLOR", value)
    assert branding.colors()[0] == colors.DEFAULT


@pytest.mark.parametrize("name", ["Gatehouse", "<acme>", "&", "ßeta"])
def test_icon_is_that_of_the_application(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(branding, "SITE_NAME", name)
    content, content_type = branding.logo()
    assert content_type == "image/svg+xml"
    assert ET.fromstring(content) is not None
    assert content.decode() == marks._icon_of(name, colors.DEFAULT)  # noqa: SLF001


def test_logo_is_the_file_of_the_application(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(branding, "_LOGOS", tmp_path)
    (tmp_path / "logo.png").write_bytes(b"the logo")
    monkeypatch.setenv("SITE_LOGO", "logo.png")
    assert branding.logo() == (b"the logo", "image/png")


@pytest.mark.parametrize("name", ["../secret.svg", "/etc/hosts", "no-such.svg", "gatehouse"])
def test_other_files_are_not_served(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    static = tmp_path / "static"
    (static / "gatehouse").mkdir(parents=True)
    (tmp_path / "secret.svg").write_text("secret")
    monkeypatch.setattr(branding, "_LOGOS", static)
    monkeypatch.setenv("SITE_LOGO", name)
    assert re.match(b"<svg", branding.logo()[0])
