"""The provider without faults is as strict as Cognito, so that tests can rely on it."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

import pytest

from cognito.testing import WITHOUT
from tests.support.provider import authorize_faults, id_token_faults
from tests.support.provider.clock import Clock
from tests.support.provider.fixtures import leaked
from tests.support.provider.pool import CLIENT_SECRET, CODE_SECONDS
from tests.support.provider.provider import Provider

VERIFIER = "v" * 43
REDIRECT_URI = "http://localhost:8000/accounts/callback/"


def ask(
    provider: Provider, method: str, path: str, body: str = "", headers: Any = None
) -> tuple[int, bytes, str]:
    """Send a request, and return the status, the body and the Location of the response."""
    connection = http.client.HTTPConnection(urlsplit(provider.url).netloc, timeout=5)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers.get("Location", "")
    finally:
        connection.close()


def authorize(provider: Provider, **changes: str) -> tuple[int, str]:
    """Return the status of an authorize request, and the code if there is one."""
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": provider.pool.client.client_id,
        "redirect_uri": REDIRECT_URI,
        "state": "s",
        "nonce": "n",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    status, _, location = ask(provider, "GET", f"/oauth2/authorize?{urlencode(query | changes)}")
    return status, parse_qs(urlsplit(location).query).get("code", [""])[0]


def exchange(
    provider: Provider, code: str, *, secret: str = CLIENT_SECRET, **changes: str
) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "client_id": provider.pool.client.client_id,
        "redirect_uri": REDIRECT_URI,
        "code": code,
        "code_verifier": VERIFIER,
    }
    credentials = f"{provider.pool.client.client_id}:{quote_plus(secret)}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(credentials).decode()}"}
    _, body, _ = ask(provider, "POST", "/oauth2/token", urlencode(form | changes), headers)
    answer: dict[str, Any] = json.loads(body)
    return answer


def call(provider: Provider, operation: str, **parameters: str) -> dict[str, Any]:
    """Call an operation of the pool's API."""
    client = provider.pool.client
    members = {"ClientId": client.client_id, "ClientSecret": client.client_secret} | parameters
    headers = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}
    _, body, _ = ask(provider, "POST", "/", json.dumps(members), headers)
    answer: dict[str, Any] = json.loads(body)
    return answer


def test_code_can_be_redeemed_once(provider: Provider) -> None:
    status, code = authorize(provider)
    assert status == 302
    assert exchange(provider, code).keys() >= {"access_token", "id_token", "refresh_token"}
    assert exchange(provider, code) == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:8000/"}, "invalid_grant"),
        ({"grant_type": "password"}, "invalid_grant"),
        ({"secret": "wrong"}, "invalid_client"),
        ({"client_id": "another"}, "invalid_client"),
    ],
)
def test_exchange_with_a_wrong_parameter_is_refused(
    provider: Provider, changes: dict[str, str], error: str
) -> None:
    _, code = authorize(provider)
    assert exchange(provider, code, **changes) == {"error": error}


def test_code_expires_after_five_minutes(provider: Provider, clock: Clock) -> None:
    _, code = authorize(provider)
    clock.advance(CODE_SECONDS + 1)
    assert exchange(provider, code) == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://localhost:8000/accounts/callback"},
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "another"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
    ],
)
def test_authorize_request_with_a_wrong_parameter_is_refused(
    provider: Provider, changes: dict[str, str]
) -> None:
    assert authorize(provider, **changes) == (400, "")


def test_logout_redirects_only_to_registered_addresses(provider: Provider) -> None:
    client_id = provider.pool.client.client_id
    for uri, expected in (("http://localhost:8000/accounts/logged-out/", 302), ("https://e", 400)):
        query = urlencode({"client_id": client_id, "logout_uri": uri})
        assert ask(provider, "GET", f"/logout?{query}")[0] == expected


def test_rotated_refresh_token_is_refused_after_its_grace_period(
    provider: Provider, clock: Clock
) -> None:
    provider.pool.rotates, provider.pool.grace_seconds = True, 30
    first = exchange(provider, authorize(provider)[1])["refresh_token"]
    refresh = "GetTokensFromRefreshToken"
    second = call(provider, refresh, RefreshToken=first)["AuthenticationResult"]["RefreshToken"]
    assert second != first
    assert "AuthenticationResult" in call(provider, refresh, RefreshToken=first), (
        "the token is in its grace period"
    )
    clock.advance(31)
    assert call(provider, refresh, RefreshToken=first)["__type"] == "RefreshTokenReuseException"
    assert call(provider, refresh, RefreshToken=second)["__type"] == "NotAuthorizedException"


def test_revocation_ends_one_sign_in_and_global_sign_out_ends_all(provider: Provider) -> None:
    one, other, third = (exchange(provider, authorize(provider)[1]) for _ in range(3))
    refresh = "GetTokensFromRefreshToken"
    call(provider, "RevokeToken", Token=one["refresh_token"])
    answers = [call(provider, refresh, RefreshToken=it["refresh_token"]) for it in (one, other)]
    assert ["AuthenticationResult" in answer for answer in answers] == [False, True]
    call(provider, "GlobalSignOut", AccessToken=other["access_token"])
    assert "__type" in call(provider, refresh, RefreshToken=third["refresh_token"])
    assert provider.pool.live_sign_ins() == 0


def test_revocation_endpoint_requires_client_authentication(provider: Provider) -> None:
    assert ask(provider, "POST", "/oauth2/revoke", "token=x")[0] == 400
    assert ask(provider, "GET", "/no/such/page")[0] == 404


@pytest.mark.parametrize("operation", ["GetTokensFromRefreshToken", "RevokeToken"])
def test_api_requires_client_and_secret(provider: Provider, operation: str) -> None:
    wrong_secret = call(provider, operation, ClientSecret="wrong", Token="x", RefreshToken="x")
    wrong_client = call(provider, operation, ClientId="another", Token="x", RefreshToken="x")
    assert wrong_secret["__type"] == "NotAuthorizedException"
    assert wrong_client["__type"] == "ResourceNotFoundException"
    assert call(provider, "NoSuchOperation")["__type"] == "UnknownOperationException"


@pytest.mark.parametrize(
    "faults",
    [{"token": "bad_nonse"}, {"tokens": "bad_nonce"}, {"jwks": "Oops"}, {"revoke": "bad_nonce"}],
)
def test_unknown_fault_is_an_error(provider: Provider, faults: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        provider.behave(**faults)


def test_every_issued_secret_is_recorded(provider: Provider) -> None:
    _, code = authorize(provider)
    tokens = exchange(provider, code)
    issued = [
        code,
        CLIENT_SECRET,
        *(value for value in tokens.values() if len(str(value)) > 20),
    ]
    assert len(issued) == 5
    for secret in issued:
        assert leaked(f"a line with {secret} in it", provider)
    assert not leaked("a line without", provider)


def test_every_fault_differs_from_the_correct_response(provider: Provider) -> None:
    honest = authorize_faults.honest("code", "state")
    answers = [fault("code", "state") for fault in authorize_faults.NEVER_EXCHANGED.values()]
    assert honest not in answers
    assert len(set(answers)) == len(answers)
    draft = provider.pool.redeem(
        authorize(provider)[1], redirect_uri=REDIRECT_URI, code_verifier=VERIFIER
    )
    access_token = draft.access_token()
    claims = draft.id_claims()
    assert claims["nonce"] == "n"
    assert WITHOUT not in {claims["sub"], claims["email"]}
    made = [fault(draft, access_token) for fault in id_token_faults.REFUSED.values()]
    assert len(set(made)) == len(made)
