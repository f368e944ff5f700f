from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from project.middleware.static_files import StaticFilesMiddleware


def elsewhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=404)


@pytest.fixture
def middleware(settings: Settings, tmp_path: Path) -> StaticFilesMiddleware:
    (tmp_path / "style.0123456789ab.css").write_text("b { color: red }")
    settings.STATIC_ROOT = tmp_path
    settings.STATIC_URL = "/dev/static/"
    settings.FORCE_SCRIPT_NAME = "/dev"

    return StaticFilesMiddleware(elsewhere)


# Django checks the database connections at the end of a request.
@pytest.mark.django_db
def test_files_are_listed_at_the_first_request_for_one(
    middleware: StaticFilesMiddleware, tmp_path: Path
) -> None:
    assert middleware(RequestFactory().get("/api/v1/me")).status_code == 404
    assert not middleware.files
    for _ in range(2):
        answer = middleware(RequestFactory().get("/static/style.0123456789ab.css"))
        assert isinstance(answer, FileResponse)
        assert answer.status_code == 200
        assert b"".join(answer) == b"b { color: red }"
        answer.close()
        assert answer["Content-Type"] == 'text/css; charset="utf-8"'
        assert "Content-Encoding" not in answer
    assert middleware(RequestFactory().get("/static/none.css")).status_code == 404
    # The list is read once, so a later file is not found.
    (tmp_path / "late.css").write_text("")
    assert middleware(RequestFactory().get("/static/late.css")).status_code == 404


@pytest.mark.django_db
def test_compressed_file_is_marked_as_compressed(
    middleware: StaticFilesMiddleware, tmp_path: Path
) -> None:
    (tmp_path / "packed.js").write_bytes(gzip.compress(b"1 + 1"))
    answer = middleware(RequestFactory().get("/static/packed.js"))
    assert isinstance(answer, FileResponse)
    assert gzip.decompress(b"".join(answer)) == b"1 + 1"
    answer.close()
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Content-Type"] == 'text/javascript; charset="utf-8"'


def test_missing_static_files_are_noticed_at_the_start(settings: Settings) -> None:
    settings.STATIC_ROOT = "/nowhere/at/all"
    with pytest.warns(UserWarning, match="No directory at"):
        StaticFilesMiddleware(elsewhere)
