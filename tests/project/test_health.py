from __future__ import annotations

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from cognito.testing.key_set_server import KeySetServer


def test_healthz_asks_no_dependency(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    # This test may use no database, and the address of the key set is a closed port.
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_names_unavailable_keys() -> None:
    answer = Client(raise_request_exception=False).get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "keys": "unavailable"}


@pytest.mark.django_db
def test_readyz_fetches_the_keys_once(settings: Settings, key_set_server: KeySetServer) -> None:
    settings.COGNITO_JWKS_URL = key_set_server.url
    for _ in range(3):
        answer = Client().get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"database": "ok", "keys": "ok"})
    assert key_set_server.hits == 1


# A refused connection, and one that was lost while it was kept for the next request.
@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_readyz_names_an_unavailable_database(
    settings: Settings,
    key_set_server: KeySetServer,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Exception],
) -> None:
    settings.COGNITO_JWKS_URL = key_set_server.url

    def refuse() -> None:
        raise kind

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = Client(raise_request_exception=False).get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "unavailable", "keys": "ok"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_accepts_only_reading_methods(path: str) -> None:
    assert Client().post(path).status_code == 405
