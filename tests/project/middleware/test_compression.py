from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from project.middleware.compression import CompressionMiddleware

PAGE = "<p>A page about a user.</p>" * 50
ACCEPTS = {"Accept-Encoding": "gzip, deflate, br"}


def answer_to(response: HttpResponseBase, method: str = "GET", **headers: str) -> HttpResponseBase:
    middleware = CompressionMiddleware(lambda _: response)
    named = ACCEPTS | {name.replace("_", "-"): value for name, value in headers.items()}
    result = middleware(RequestFactory().generic(method, "/", headers=named))
    assert isinstance(result, HttpResponseBase)
    return result


@pytest.mark.parametrize("site", ["same-origin", "none"])
@pytest.mark.parametrize("status", [200, 404])
def test_page_that_the_user_requests_is_compressed(site: str, status: int) -> None:
    answer = answer_to(HttpResponse(PAGE, status=status), Sec_Fetch_Site=site)
    assert isinstance(answer, HttpResponse)
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Vary"] == "Accept-Encoding"
    assert int(answer["Content-Length"]) == len(answer.content) < len(PAGE) / 3
    assert gzip.decompress(answer.content).decode() == PAGE


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "None", "same-origin, none"])
def test_page_that_another_site_requests_is_not_compressed(site: str) -> None:
    answer = answer_to(HttpResponse(PAGE), Sec_Fetch_Site=site)
    assert isinstance(answer, HttpResponse)
    assert "Content-Encoding" not in answer
    assert answer.content.decode() == PAGE


def test_page_for_a_browser_without_fetch_metadata_is_not_compressed() -> None:
    assert "Content-Encoding" not in answer_to(HttpResponse(PAGE))


def test_length_of_a_compressed_page_is_random() -> None:
    lengths = {
        answer_to(HttpResponse(PAGE), Sec_Fetch_Site="none")["Content-Length"] for _ in range(40)
    }
    assert len(lengths) > 1


@pytest.mark.parametrize("kind", ["text/css", 'text/javascript; charset="utf-8"'])
def test_file_for_every_visitor_is_compressed_for_every_site(kind: str) -> None:
    answer = answer_to(
        StreamingHttpResponse([PAGE[:500].encode(), PAGE[500:].encode()], content_type=kind),
        Sec_Fetch_Site="cross-site",
    )
    assert isinstance(answer, StreamingHttpResponse)
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(b"".join(answer)).decode() == PAGE


def packed() -> HttpResponseBase:
    answer = HttpResponse(gzip.compress(PAGE.encode()), content_type="text/css")
    answer["Content-Encoding"] = "gzip"
    return answer


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: HttpResponse(PAGE, content_type="application/json"), id="JSON"),
        pytest.param(
            lambda: HttpResponse(PAGE, content_type="application/problem+json"), id="problem"
        ),
        pytest.param(lambda: HttpResponse(PAGE, content_type="image/svg+xml"), id="picture"),
        pytest.param(lambda: HttpResponse("short"), id="short"),
        pytest.param(
            lambda: HttpResponse(PAGE, status=206, content_type="text/css"), id="a part of a file"
        ),
        pytest.param(packed, id="compressed already"),
    ],
)
def test_other_answers_stay_as_they_are(make: Callable[[], HttpResponse]) -> None:
    before = make().content
    answer = answer_to(make(), Sec_Fetch_Site="none")
    assert isinstance(answer, HttpResponse)
    assert answer.content == before


def test_answer_to_head_and_to_a_client_without_gzip_stay_as_they_are() -> None:
    for answer in (
        answer_to(HttpResponse(PAGE), "HEAD", Sec_Fetch_Site="none"),
        answer_to(HttpResponse(PAGE), Sec_Fetch_Site="none", Accept_Encoding="identity"),
    ):
        assert "Content-Encoding" not in answer


def test_site_compresses_its_pages(client: Client) -> None:
    headers = ACCEPTS | {"Sec-Fetch-Site": "none"}
    answer = client.get("/", headers=headers)
    assert answer["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(answer.content)
    assert "Content-Encoding" not in client.get("/", headers=ACCEPTS)
    assert "Content-Encoding" not in client.get("/api/v1/me", headers=headers)


# Django checks the database connections at the end of a request.
@pytest.mark.django_db
def test_file_is_closed_after_it_was_compressed(tmp_path: Path) -> None:
    path = tmp_path / "style.css"
    path.write_text(PAGE)
    answer = answer_to(FileResponse(path.open("rb"), content_type="text/css"))
    assert isinstance(answer, FileResponse)
    assert gzip.decompress(b"".join(answer)).decode() == PAGE
    answer.close()
    assert answer.closed
