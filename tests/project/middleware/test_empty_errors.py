"""Every 405 that a visitor can cause is a page with a next step."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.django_db


def paths(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    for one in resolver.url_patterns:
        path = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from paths(one, path)
        elif isinstance(one, URLPattern):
            yield path.replace("<uuid:pk>", "00000000-0000-4000-8000-000000000000")


PAGES = sorted(
    path for path in paths(get_resolver("project.urls")) if path.startswith("/accounts/")
)


def test_visit_of_the_sign_out_address_shows_a_page(client: Client) -> None:
    answer = client.get("/accounts/logout/")
    page = answer.content.decode()
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "This address belongs to a form" in page
    assert "want to sign out, use the button" in page
    assert 'href="/"' in page
    assert answer["Content-Type"].startswith("text/html")
    assert "Content-Security-Policy" in answer


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_every_refused_method_of_a_page_has_a_page(client: Client, method: str) -> None:
    assert len(PAGES) > 10
    refused = 0
    for path in [*PAGES, "/"]:
        answer = client.generic(method, path)
        if answer.status_code == 405:
            refused += 1
            assert b"This address belongs to a form" in answer.content, path
            assert answer["Allow"]
    assert refused


def test_api_and_load_balancers_get_no_page(client: Client) -> None:
    assert client.post("/healthz").content == b""
    problem = client.get("/api/v1/auth/sign-in")
    assert problem.status_code == 405
    assert problem["Content-Type"] == "application/problem+json"
