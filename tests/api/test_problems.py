"""Errors of views, of Django and of its middleware have the same form."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client, override_settings
from django.urls import get_resolver
from pytest_django import DjangoDbBlocker

from accounts import process
from accounts.process.revocation_list import RevocationList
from api.contract_view import ContractView
from cognito.testing import TokenFactory
from tests.support.answers import assert_problem
from tests.support.caller import ME, Caller

pytestmark = [pytest.mark.usefixtures("known_keys"), pytest.mark.urls("tests.api.urls")]


@pytest.fixture
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/me/",
        "/api/v1/me.json",
        "/api/v1/nothing",
        "/api/v2/me",
        "/api/v1//me",
        "/api/V1/me",
        "/api/v1/%2e%2e/me",
        "/api/v1/me%00",
        "/api/v1/\u043ce",
        "/api/<script>",
        "/api/" + "x" * 8000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_unknown_path_is_a_404_problem(call: Caller, path: str, method: str) -> None:
    assert_problem(call(path=path, method=method), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/", 404, "not_found"),
        ("/api/v1/nothing", 404, "not_found"),
        ("/api/v1/schema", 405, "method_not_allowed"),
        ("/api/v1/docs", 405, "method_not_allowed"),  # only with docs-page
        ("/api/v1/docs/signed-in", 405, "method_not_allowed"),  # only with docs-page
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.urls("project.urls")
def test_views_that_change_nothing_need_no_csrf_token(
    path: str, method: str, status: int, code: str
) -> None:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.cookies["sessionid"] = "any-session"

    response = client.generic(method, path, "{}", content_type="application/json")

    assert_problem(response, status, code)  # type: ignore[arg-type] # stub's class
    assert status != 405 or "GET" in response["Allow"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_unsupported_method_is_a_405_problem(
    call: Caller, tokens: TokenFactory, method: str
) -> None:
    response = call(tokens.access(), method=method)

    assert_problem(response, 405, "method_not_allowed")
    assert response["Allow"].split(", ") == ["GET", "HEAD", "DELETE"]


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "", "*/*;q=0", "a" * 9000])
def test_answer_is_json_for_every_accept_header(
    call: Caller, tokens: TokenFactory, accept: str
) -> None:
    response = call(tokens.access(), HTTP_ACCEPT=accept)

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("query", ["format=api", "foo=1", "a=1&a=2", "access_token=x", "limit=1"])
def test_unknown_query_parameters_are_refused_by_name(
    call: Caller, tokens: TokenFactory, query: str
) -> None:
    for path in (
        ME,
        "/api/v1/schema",
        "/api/v1/docs",  # only with docs-page
    ):
        problem = assert_problem(call(tokens.access(), f"{path}?{query}"), 400, "validation_failed")

        assert list(problem["errors"]) == [query.partition("=")[0]]
    # Authentication and the existence of the path and method are checked first.
    assert_problem(call(None, f"{ME}?{query}"), 401, "not_authenticated")
    assert_problem(
        call(tokens.access(), f"{ME}?{query}", method="PATCH"), 405, "method_not_allowed"
    )
    assert_problem(call(tokens.access(), f"/api/v1/nothing?{query}"), 404, "not_found")


def test_every_endpoint_refuses_unknown_query_parameters() -> None:
    waiting: list[Any] = [get_resolver("api.urls").url_patterns[0]]
    views: list[Any] = []
    while waiting:
        entry = waiting.pop()
        if hasattr(entry, "url_patterns"):
            waiting += entry.url_patterns
        elif hasattr(entry.callback, "cls"):
            views.append(entry.callback.cls)

    assert len(views) > 15
    others = [view.__name__ for view in views if not issubclass(view, ContractView)]
    assert others == [], "Derive these views from api.contract_view.ContractView."


def test_many_unknown_members_are_named_in_part(call: Caller, tokens: TokenFactory) -> None:
    names = {f"m{number}{'x' * 100}": 1 for number in range(500)}
    response = call(
        tokens.access(),
        "/api/v1/me/profile",
        method="PATCH",
        data=json.dumps(names),
        content_type="application/json",
    )

    errors = assert_problem(response, 400, "validation_failed")["errors"]
    assert len(errors) == 20
    assert {len(name) for name in errors} == {65}


def test_errors_of_pages_outside_the_api_are_html(call: Caller) -> None:
    response = call(path="/nothing")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("host", ["evil.example", "localhost:8000, evil.example", "", "\x00", "é"])
def test_another_host_is_a_400_problem(call: Caller, tokens: TokenFactory, host: str) -> None:
    response = call(tokens.access(), HTTP_HOST=host)

    problem = assert_problem(response, 400, "bad_request")
    assert "evil" not in json.dumps(problem)


def test_forwarded_host_is_ignored(call: Caller, tokens: TokenFactory) -> None:
    response = call(tokens.access(), HTTP_X_FORWARDED_HOST="evil.example")

    assert response.status_code == 200
    assert "evil" not in str(response.headers) + response.content.decode()


def test_csrf_failure_is_a_problem_only_under_the_api() -> None:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)

    under_api = client.post("/api/v1/form-page")
    page = client.post("/pages/form-page")

    assert_problem(under_api, 403, "permission_denied")  # type: ignore[arg-type] # stub's class
    assert page.status_code == 403
    assert page["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("http404", 404, "not_found"),
        ("forbidden", 403, "permission_denied"),
        ("suspicious", 400, "bad_request"),
    ],
)
def test_problem_of_a_django_exception_does_not_reveal_its_message(
    call: Caller, what: str, status: int, code: str
) -> None:
    problem = assert_problem(call(path=f"/api/v1/raises/{what}"), status, code)

    assert "secret" not in json.dumps(problem)


@pytest.mark.parametrize("debug", [False, True])
def test_defect_is_a_500_problem_without_details(
    call: Caller, caplog: pytest.LogCaptureFixture, debug: bool
) -> None:
    with override_settings(DEBUG=debug):
        response = call(path="/api/v1/raises/defect")

    problem = assert_problem(response, 500, "server_error")
    assert "secret" not in json.dumps(problem)
    [record] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert record.exc_info


@pytest.fixture
def _unreachable_database(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    real = connections["default"]
    broken = real.copy()
    broken.settings_dict["NAME"] = str(tmp_path / "no-such-directory" / "db.sqlite3")
    connections["default"] = broken
    with django_db_blocker.unblock():
        yield
    connections["default"] = real


@pytest.mark.usefixtures("_unreachable_database")
def test_unreachable_database_is_a_503_problem_that_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = Caller()(path="/api/v1/database")

    assert_problem(response, 503, "database_unavailable")
    assert int(response["Retry-After"]) >= 1
    causes = [one.name for one in caplog.records if "OperationalError" in one.getMessage()]
    assert causes == ["api.wire.exception_handler"]


@pytest.mark.usefixtures("_unreachable_database")
def test_valid_token_is_a_503_problem_while_revocations_are_unavailable(
    tokens: TokenFactory,
) -> None:
    process.current.revocations = RevocationList()

    response = Caller()(tokens.access())

    assert_problem(response, 503, "revocations_unavailable")
    assert int(response["Retry-After"]) >= 1


@pytest.mark.parametrize(("what", "wait"), [("throttled", "2"), ("throttled-for-ever", "1")])
def test_throttled_caller_is_told_how_long_to_wait(call: Caller, what: str, wait: str) -> None:
    response = call(path=f"/api/v1/raises/{what}")

    assert_problem(response, 429, "throttled")
    assert response["Retry-After"] == wait


@pytest.mark.usefixtures("_empty_cache")
def test_throttle_counts_each_user_separately(call: Caller, tokens: TokenFactory) -> None:
    path = "/api/v1/throttled-by-user"
    ada = [call(tokens.access(jti=str(n)), path).status_code for n in range(3)]
    bob = call(tokens.access(sub="bob"), path).status_code

    assert (ada, bob) == ([200, 200, 429], 200)


@pytest.mark.usefixtures("_empty_cache")
def test_forged_address_does_not_evade_a_throttle(call: Caller) -> None:
    path = "/api/v1/throttled-by-address"
    forged = [call(path=path, HTTP_X_FORWARDED_FOR=f"203.0.113.{n}").status_code for n in range(3)]

    assert forged == [200, 200, 429]


def test_nested_errors_become_one_map(call: Caller) -> None:
    problem = assert_problem(call(path="/api/v1/raises/nested"), 400, "validation_failed")

    assert problem["errors"] == {"a.b": ["no"], "c.1.d": ["no"]}


def test_error_without_a_field_is_under_non_field_errors(call: Caller) -> None:
    problem = assert_problem(call(path="/api/v1/raises/text"), 400, "validation_failed")

    assert problem["errors"] == {"non_field_errors": ["no"]}


def test_every_request_has_its_own_id(call: Caller) -> None:
    first, second = (assert_problem(call(), 401, "not_authenticated") for _ in range(2))

    assert first["request_id"] != second["request_id"]
