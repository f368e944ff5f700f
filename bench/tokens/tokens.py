"""Measure the cost of verifying a token, and of protecting a view with one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command

from accounts.models import User
from bench import wsgi_client
from bench.race import Budget, Contestant, Results, race
from bench.tokens import peers
from bench.tokens.views import KEY_SET
from cognito.testing import KeySetServer, SigningKey, TokenFactory, signing_key
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from cognito.wire import base64url

ACCESS = frozenset({"access"})

BARE_RSA = "the bare RSA operation"
SEEN = "Gatehouse, token seen before"
NEW = "Gatehouse, token never seen"
OPEN = "the view, open"
PROTECTED_SEEN = "protected, token seen before"
PROTECTED_NEW = "protected, token never seen"
ME = "`GET /api/v1/me`, token seen before"
ME_BY_HAND = "the same view, python-jose in an authentication class"

VERIFICATION_BUDGETS = (
    Budget(NEW, peers.AUTHLIB, 0.70),
    Budget(NEW, peers.BY_HAND, 1.00),
    Budget(SEEN, BARE_RSA, 0.12),
)
REQUEST_BUDGETS = (
    Budget(PROTECTED_SEEN, OPEN, 1.08),
    Budget(PROTECTED_NEW, OPEN, 1.30),
    # 1.4 times as many requests per second.
    Budget(ME, ME_BY_HAND, 1 / 1.4),
)


def verification(rounds: int, batch: int) -> Results:
    """Compare verifiers with the bare RSA operation: PKCS #1 v1.5, SHA-256, a 2048-bit key."""
    key = signing_key("bench")
    jwks = {"keys": [signing_key("bench, the pool's other key").jwk(), key.jwk()]}
    factory = _factory(key)
    seen = ours(jwks)
    with KeySetServer(signing_key("bench, the pool's other key"), key) as server:
        contestants = [
            bare_rsa(key),
            Contestant(SEEN, seen, beforehand=seen),
            Contestant(NEW, ours(jwks)),
            *peers.contestants(
                issuer=factory.issuer,
                client_id=factory.client_id,
                jwks=jwks,
                jwks_url=server.url,
            ),
        ]
        return race(contestants, _batches(factory, rounds, batch))


def requests(rounds: int, batch: int) -> Results:
    """Compare protected views with the same view unprotected, in the whole application."""
    key = signing_key("bench")
    factory = _factory(key)
    KEY_SET["keys"] = [key.jwk()]
    settings.COGNITO_JWKS = json.dumps(KEY_SET)
    call_command("migrate", verbosity=0)
    User.objects.create(issuer=factory.issuer, sub=factory.sub)
    application = WSGIHandler()
    protected = wsgi_client.get(application, "/api/v1/protected")
    me = wsgi_client.get(application, "/api/v1/me")
    contestants = [
        Contestant(OPEN, wsgi_client.get(application, "/api/v1/open")),
        Contestant(PROTECTED_SEEN, protected, beforehand=protected),
        Contestant(PROTECTED_NEW, protected),
        Contestant(
            "python-jose in an authentication class, without a user look-up",
            wsgi_client.get(application, "/api/v1/plain"),
        ),
        Contestant(
            "the same, and the user read from SQLite in memory",
            wsgi_client.get(application, "/api/v1/plain-with-look-up"),
        ),
        Contestant(ME, me, beforehand=me),
        Contestant(ME_BY_HAND, wsgi_client.get(application, "/api/v1/me-by-hand")),
    ]
    return race(contestants, _batches(factory, rounds, batch))


def bare_rsa(key: SigningKey) -> Contestant:
    """Return the signature check that every verifier needs, on a token that is already parsed."""
    public_key = key.private_key.public_key()

    @cache
    def parsed(token: str) -> tuple[bytes, bytes]:
        signing_input, _, signature = token.encode().rpartition(b".")
        return base64url.decode(signature), signing_input

    def verify(token: str) -> object:
        signature, signing_input = parsed(token)
        return public_key.verify(signature, signing_input, padding.PKCS1v15(), hashes.SHA256())

    return Contestant(BARE_RSA, verify, beforehand=parsed)


def ours(jwks: dict[str, Any]) -> Callable[[str], object]:
    """Return the application's verifier, with all its checks."""
    verifier = TokenVerifier(
        [
            TrustedIssuer(
                issuer=settings.COGNITO_ISSUER,
                client_ids=frozenset({settings.COGNITO_CLIENT_ID}),
                keys=KeySource("http://127.0.0.1:9/", initial=json.dumps(jwks)),
            )
        ]
    )
    return lambda token: verifier.verify(token, token_uses=ACCESS)


def _factory(key: SigningKey) -> TokenFactory:
    issuer, client_id = settings.COGNITO_ISSUER, settings.COGNITO_CLIENT_ID
    return TokenFactory(key, issuer=issuer, client_id=client_id)


def _batches(factory: TokenFactory, rounds: int, batch: int) -> Sequence[Sequence[str]]:
    return [[factory.access() for _ in range(batch)] for _ in range(rounds)]
