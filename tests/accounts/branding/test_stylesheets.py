"""`/styles/KIND.css`: everything that a page of one kind needs, in one file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.test.utils import override_script_prefix
from pytest_django import Settings

from accounts.branding import stylesheets

IMAGE = re.compile(r"url\(['\"]?(?!data:)([^'\")]+)")


@pytest.fixture(params=list(stylesheets.KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _first_rule(name: str) -> str:
    rule = re.search(r"^[^@{}*/]+\{", Path(str(finders.find(name))).read_text(), re.MULTILINE)
    assert rule is not None
    return rule[0]


def test_stylesheet_has_all_its_parts_in_their_order(client: Client, kind: str) -> None:
    response = client.get(stylesheets.address(kind))
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    text, place = response.content.decode(), -1
    for name in stylesheets.KINDS[kind]:
        begins = text.index(_first_rule(name) if name else "--accent:", place + 1)
        assert begins > place, name
        place = begins
    assert "@import" not in text


def test_images_are_found_from_the_address_of_the_stylesheet(client: Client, kind: str) -> None:
    text = client.get(stylesheets.address(kind)).content.decode()
    for url in IMAGE.findall(text):
        assert url.startswith("/static/"), url
        assert finders.find(url.removeprefix("/static/")), url


def test_address_changes_with_the_prefix_and_the_colors(settings: Settings) -> None:
    before = stylesheets.address("page")
    settings.SITE_COLOR = "#7c3aed"
    assert stylesheets.address("page") != before
    with override_script_prefix("/dev/"):
        assert stylesheets.address("page").startswith("/dev/styles/page.css?v=")


@pytest.mark.parametrize("path", ["/styles/unknown.css", "/styles/.css", "/styles/page.css/"])
def test_unknown_stylesheet_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_stylesheet_of_another_version_is_cached_briefly(client: Client) -> None:
    response = client.get("/styles/page.css?v=0123456789ab")
    assert response["Cache-Control"] == "public, max-age=60"


@pytest.mark.slow
def test_deployed_stylesheet_names_the_files_with_their_versions(
    client: Client, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without what other tests have read.
    monkeypatch.setattr(stylesheets, "_read_once", getattr(stylesheets, "_read"))  # noqa: B009 - it is private
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    # A bundle has compressed files only.
    for packed in tmp_path.rglob("*.css.gz"):
        packed.replace(packed.with_suffix(""))
    for kind in stylesheets.KINDS:
        text = client.get(stylesheets.address(kind)).content.decode()
        assert "--accent:" in text
        for url in IMAGE.findall(text):
            assert re.fullmatch(r"/static/.*\.[0-9a-f]{12}\.svg", url), url
            assert (tmp_path / url.removeprefix("/static/")).exists(), url
