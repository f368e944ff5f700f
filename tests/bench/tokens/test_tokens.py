from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from bench import __main__ as command_line
from bench import wsgi_client
from bench.race import Contestant, Results
from bench.tokens import peers, tokens
from bench.tokens.views import KEY_SET
from cognito.errors import TokenExpired
from cognito.testing import TokenFactory, signing_key

# Django checks the database connection at the end of each request.
pytestmark = [pytest.mark.urls("bench.tokens.urls"), pytest.mark.django_db]

ALL_BUDGETS = tokens.VERIFICATION_BUDGETS + tokens.REQUEST_BUDGETS
FAST = {tokens.SEEN, tokens.NEW, tokens.ME}


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
    "changes",
    [
        {"header": {"alg": "RS384"}},
        {"header": {"kid": "another"}},
        {"exp": 1},
        {"iss": "https://another.example"},
        {"client_id": "another"},
        {"token_use": "id"},
    ],
    ids=str,
)
def test_check_by_hand_refuses_what_its_description_says(
    factory: TokenFactory, changes: dict[str, Any]
) -> None:
    verify = peers.by_hand(factory.issuer, factory.client_id, KEY_SET)
    good = factory.access()

    assert verify(good)
    with pytest.raises((ValueError, KeyError)):
        verify(factory.access(**changes))
    with pytest.raises(InvalidSignature):
        verify(good[:-6] + ("AAAAAA" if good[-6:] != "AAAAAA" else "BBBBBB"))


def test_every_budget_names_contestants(
    factory: TokenFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        peers,
        "contestants",
        lambda **_: [Contestant(name, id) for name in (peers.BY_HAND, peers.AUTHLIB)],
    )

    for results, budgets in (
        (tokens.verification(1, 5), tokens.VERIFICATION_BUDGETS),
        (tokens.requests(1, 5), tokens.REQUEST_BUDGETS),
    ):
        for budget in budgets:
            assert results.ratio(budget.contestant, budget.rival) > 0


def test_missed_budget_fails_the_benchmark(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_line, "PEERS", ())
    names = {name for budget in ALL_BUDGETS for name in (budget.contestant, budget.rival)}
    fast = {name: [0.1 if name in FAST else 1.0] for name in names}
    for slow, status in ((None, 0), (tokens.NEW, 1), (tokens.ME, 1)):
        results = Results(fast | ({} if slow is None else {slow: [1.001]}))
        monkeypatch.setattr(tokens, "verification", lambda *_, results=results: results)
        monkeypatch.setattr(tokens, "requests", lambda *_, results=results: results)

        assert command_line.run_tokens(1, 1, write=False) == status
        assert ("over budget" in capsys.readouterr().out) is (slow is not None)


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/api/v1/open", 0),
        ("/api/v1/protected", 0),
        ("/api/v1/plain", 0),
        ("/api/v1/plain-with-look-up", 1),
        ("/api/v1/me", 0),
        ("/api/v1/me-by-hand", 0),
    ],
)
def test_view_makes_the_number_of_queries_that_its_row_says(
    factory: TokenFactory, path: str, queries: int
) -> None:
    User.objects.create(issuer=factory.issuer, sub=factory.sub)
    send = wsgi_client.get(WSGIHandler(), path)
    send(factory.access())

    with CaptureQueriesContext(connection) as made:
        answer = json.loads(send(factory.access()))

    assert answer == {"ok": True} or answer["sub"] == factory.sub
    assert len(made) == queries


def test_view_by_hand_answers_what_ours_answers(factory: TokenFactory) -> None:
    token = factory.access()

    ours, by_hand = (
        json.loads(wsgi_client.get(WSGIHandler(), path)(token))
        for path in ("/api/v1/me", "/api/v1/me-by-hand")
    )

    assert ours | by_hand == ours


@pytest.mark.parametrize("path", ["/api/v1/protected", "/api/v1/nothing"])
def test_response_other_than_200_stops_the_benchmark(factory: TokenFactory, path: str) -> None:
    with pytest.raises(AssertionError, match=rf"returned (401|{HTTPStatus.NOT_FOUND})"):
        wsgi_client.get(WSGIHandler(), path)("bad")
