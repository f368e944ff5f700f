"""A code is exchanged for tokens that are wrong in one way.

`tests/accounts/sign_in` shows over HTTP what one fault of each error code leads to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from cognito.app_client import AppClient
from cognito.errors import CognitoError
from cognito.hosted_ui.endpoints import exchange_code
from cognito.hosted_ui.verified_sign_in import VerifiedSignIn, verify_sign_in
from cognito.hosted_ui.web_client import WebClient
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from cognito.wire import base64url
from tests.support.provider import answer_faults, id_token_faults
from tests.support.provider.fault_codes import CODES
from tests.support.provider.provider import ISSUER, Provider
from tests.support.provider.server import Server

NONCE, CODE_VERIFIER = "n" * 43, "v" * 43
CODE_CHALLENGE = base64url.encode(hashlib.sha256(CODE_VERIFIER.encode()).digest()).decode()


@pytest.fixture
def provider(cognito_server: Server) -> Iterator[Provider]:
    provider = Provider(cognito_server)
    with cognito_server.serving(provider):
        yield provider


def sign_in(provider: Provider, nonce: str = NONCE) -> VerifiedSignIn:
    """Exchange a new code, and verify the tokens of the answer."""
    client = provider.pool.client
    (redirect_uri,), (logout_uri,) = client.redirect_uris, client.logout_uris
    code = provider.pool.issue_code(
        provider.person, redirect_uri=redirect_uri, code_challenge=CODE_CHALLENGE, nonce=nonce
    )
    web_client = WebClient(
        provider.url,
        AppClient(client.client_id, client.client_secret),
        redirect_uri,
        logout_uri,
        ("openid",),
    )
    trusted = TrustedIssuer(
        issuer=ISSUER,
        client_ids=frozenset({client.client_id, "anotherclient"}),
        keys=KeySource(provider.jwks_url),
    )
    return verify_sign_in(
        TokenVerifier([trusted]),
        exchange_code(web_client, code=code, code_verifier=CODE_VERIFIER),
        client_id=client.client_id,
        nonce=nonce,
    )


@pytest.mark.parametrize(("fault", "code"), CODES.items())
def test_invalid_answer_is_refused(provider: Provider, fault: str, code: str) -> None:
    # The fault "replayed" needs an earlier ID token.
    sign_in(provider, nonce="another")
    provider.received.clear()
    provider.behave(token=fault)
    with pytest.raises(CognitoError) as refused:
        sign_in(provider)
    assert refused.value.code == code
    assert provider.hits("/oauth2/token") == 1, "a code is sent once"
    assert provider.hits("/evil/jwks.json") == 0
    provider.behave()
    assert sign_in(provider).id_claims.sub == provider.person.sub


@pytest.mark.parametrize("fault", [*answer_faults.ACCEPTED, *id_token_faults.ACCEPTED])
def test_unusual_but_valid_answer_is_accepted(provider: Provider, fault: str) -> None:
    provider.behave(token=fault)
    assert sign_in(provider).access_claims.sub == provider.person.sub


def test_every_fault_is_tested() -> None:
    tables = (
        id_token_faults.REFUSED,
        answer_faults.REFUSED,
        answer_faults.MEANINGLESS,
        answer_faults.THROTTLED,
    )
    assert CODES.keys() == {fault for table in tables for fault in table}
