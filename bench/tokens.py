"""`python -m bench tokens`: what it costs to verify a token, and to protect a view with one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import django
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command

from bench import peers, wsgi_client
from bench.race import Contestant, Result, race
from cognito import base64url
from cognito.key_source import KeySource
from cognito.testing import KeySetServer, SigningKey, TokenFactory
from cognito.tokens import TokenVerifier, TrustedIssuer

ACCESS = frozenset({"access"})


def verification(rounds: int, batch: int) -> list[Result]:
    """Verifiers against the bare RSA operation: PKCS #1 v1.5, SHA-256, a key of 2048 bits."""
    key = SigningKey()
    jwks = {"keys": [key.jwk]}
    with KeySetServer(jwks) as server:
        contestants = [
            Contestant("the bare RSA operation", bare_rsa(key)),
            Contestant("Gatehouse, token seen before", ours(jwks), seen_before=True, budget=0.12),
            Contestant("Gatehouse, token never seen", ours(jwks), budget=1.8),
            *peers.contestants(
                issuer=settings.COGNITO_ISSUER,
                client_id=settings.COGNITO_CLIENT_ID,
                jwks=jwks,
                jwks_url=server.url,
            ),
        ]
        return race(contestants, signed_tokens(key, rounds, batch))
