"""The views that accept the session cookie. A view that was forgotten must not be among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from api.session_authentication import SessionOrBearer
from tests.api.session.conftest import OwnPage
from tests.support.answers import assert_problem

pytestmark = pytest.mark.django_db

# Before you add a view here, decide that every page of this site may call it for the user.
ACCEPT_COOKIES = {
    "/api/v1/session",
    "/api/v1/notes",  # only with notes
    "/api/v1/notes/<uuid:pk>",  # only with notes
}

METHODS = ("get", "post", "put", "patch", "delete")
SUB = "0b6ed9f2-6f0c-4c43-8f5a-3f2a1c9a7d10"


def views(patterns: Any = None, prefix: str = "/") -> Iterator[tuple[str, Any]]:
    """Yield the path and the class of each view of Django REST framework on the whole site."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "cls"):
            yield path, pattern.callback.cls


def test_only_the_listed_views_accept_the_session_cookie() -> None:
    found = {
        path
        for path, view in views()
        if any(issubclass(one, SessionOrBearer) for one in view.authentication_classes)
    }
    assert found == ACCEPT_COOKIES


def bearer_only() -> list[tuple[str, str]]:
    return [
        (method, "/".join(SUB if part[:1] == "<" else part for part in path.split("/")))
        for path, view in views()
        if view.authentication_classes and path not in ACCEPT_COOKIES
        for method in METHODS
        if hasattr(view, method)
    ]


def test_session_cookie_counts_for_nothing_in_every_other_view(ada: OwnPage) -> None:
    ada.opened()
    requests = bearer_only()
    assert len(requests) > 12
    for method, path in requests:
        response = ada(path, method=method.upper(), body={} if method != "get" else None)
        problem = assert_problem(response, 401, "not_authenticated")
        assert "sign_in_url" not in problem, path


def test_session_cookie_causes_no_query_in_another_view(
    ada: OwnPage, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert_problem(ada("/api/v1/me"), 401, "not_authenticated")
