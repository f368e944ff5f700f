"""Addresses whose module is loaded when they are needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, URLResolver, include, path
from django.urls.resolvers import RegexPattern, get_ns_resolver
from django.utils import translation

from accounts.postponed_urls import PostponedUrls, PostponedView

MODULE = "postponed_addresses"
CONTENT = """
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("page/<int:number>", lambda request, number: HttpResponse(), name="page")]
"""


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[URLResolver]:
    (tmp_path / f"{MODULE}.py").write_text(CONTENT)
    monkeypatch.syspath_prepend(tmp_path)
    patterns = [
        path("other", page, name="other"),
        path("in/", include([PostponedUrls("far/", MODULE, namespace="far")])),
    ]
    yield URLResolver(RegexPattern(r"^/"), patterns)  # type: ignore[arg-type] # a list is allowed
    sys.modules.pop(MODULE, None)


def test_other_addresses_do_not_load_the_module(root: URLResolver) -> None:
    assert root.resolve("/other").func is page
    assert root.reverse("other") == "other"
    with pytest.raises(Resolver404):
        root.resolve("/elsewhere")
    assert MODULE not in sys.modules


def test_a_request_loads_the_module(root: URLResolver) -> None:
    match = root.resolve("/in/far/page/7")
    assert match.kwargs == {"number": 7}
    assert match.view_name == "far:page"
    assert MODULE in sys.modules


@pytest.mark.parametrize("language", ["en", "de"])
def test_names_are_reversed_in_each_language(root: URLResolver, language: str) -> None:
    with translation.override(language):
        prefix, resolver = root.namespace_dict["far"]
        assert prefix == "in/far/"
        assert get_ns_resolver(prefix, resolver, ()).reverse("page", 7) == "in/far/page/7"


def test_a_view_is_loaded_by_a_request_for_it_and_checked_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{MODULE}.py").write_text("def view(request):\n    return None\n")
    monkeypatch.syspath_prepend(tmp_path)
    view = PostponedView("page/", MODULE, "view", name="page")
    root = URLResolver(RegexPattern(r"^/"), [path("other", page, name="other"), view])

    assert root.resolve("/other").func is page
    assert root.reverse("page") == "page/"
    assert MODULE not in sys.modules

    match = root.resolve("/page/")
    assert (match.view_name, match.func.__name__) == ("page", "view")
    sys.modules.pop(MODULE)


def test_a_view_that_does_not_exist_is_found_by_a_check() -> None:
    with pytest.raises(ImportError, match="no_view"):
        PostponedView("page/", "accounts.own_account.pages", "no_view", name="page").check()
