from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from cryptography.exceptions import InvalidSignature
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from bench import tokens, wsgi_client
from bench.views import KEY_SET
from cognito.errors import TokenExpired
from cognito.testing import TokenFactory, signing_key

# Django checks the database connection at the end of each request.
pytestmark = [pytest.mark.urls("bench.urls"), pytest.mark.django_db]


@pytest.fixture
def factory(settings: Settings) -> TokenFactory:
    key = signing_key("bench")
    KEY_SET["keys"] = [key.jwk()]
    settings.COGNITO_JWKS = json.dumps(KEY_SET)
    return TokenFactory(key, issuer=settings.COGNITO_ISSUER, client_id=settings.COGNITO_CLIENT_ID)


def test_our_contestant_refuses_an_expired_token(factory: TokenFactory) -> None:
    verify = tokens.ours(dict(KEY_SET))

    verify(factory.access())

    with pytest.raises(TokenExpired):
        verify(factory.access(exp=1, iat=0))


def test_baseline_checks_the_signature(factory: TokenFactory) -> None:
    assert tokens.bare_rsa(factory.key).work(factory.access()) is None
    with pytest.raises(InvalidSignature):
        tokens.bare_rsa(signing_key("another")).work(factory.access())


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/api/v1/open", 0),
        ("/api/v1/protected", 0),
        ("/api/v1/plain", 0),
        ("/api/v1/plain-with-look-up", 1),
    ],
)
def test_view_makes_the_number_of_queries_that_its_row_says(
    factory: TokenFactory, path: str, queries: int
) -> None:
    User.objects.create(issuer=factory.issuer, sub=factory.sub)
    send = wsgi_client.get(WSGIHandler(), path)
    send(factory.access())

    with CaptureQueriesContext(connection) as made:
        assert json.loads(send(factory.access())) == {"ok": True}

    assert len(made) == queries


@pytest.mark.parametrize("path", ["/api/v1/protected", "/api/v1/nothing"])
def test_response_other_than_200_stops_the_benchmark(factory: TokenFactory, path: str) -> None:
    with pytest.raises(AssertionError, match=rf"returned (401|{HTTPStatus.NOT_FOUND})"):
        wsgi_client.get(WSGIHandler(), path)("bad")
