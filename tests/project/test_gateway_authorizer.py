"""The Lambda authorizer, called as API Gateway calls it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import pytest

from cognito.errors import KeysUnavailable
from cognito.testing.key_set_server import KeySetServer
from cognito.testing.signing_key import SigningKey
from cognito.testing.signing_key import signing_key as named_signing_key
from cognito.testing.token_factory import (
    AUDIENCE,
    CLIENT_ID,
    ISSUER,
    MACHINE_CLIENT_ID,
    TokenFactory,
)
from infra.environments import ROOT
from project.gateway_authorizer import Authorizer, Unauthorized
from tests.support.token_matrix import expected_codes, signed_tokens

API = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234"


@dataclass
class Gateway:
    """API Gateway in front of an authorizer that has just started with `variables`."""

    variables: dict[str, str]

    def verdict(self, header: str, *, path: str = "GET/api/v1/me") -> dict[str, Any]:
        return Authorizer(self.variables).verdict(event(header, path=path))

    def effect(self, header: str) -> str:
        (statement,) = self.verdict(header)["policyDocument"]["Statement"]
        assert statement["Action"] == "execute-api:Invoke"
        return str(statement["Effect"])


def event(header: str, *, path: str) -> dict[str, str]:
    return {"type": "TOKEN", "authorizationToken": header, "methodArn": f"{API}/dev/{path}"}


@pytest.fixture
def gateway(key_set_server: KeySetServer) -> Gateway:
    """The authorizer with the variables that the template sets."""
    return Gateway(
        {
            "COGNITO_ISSUER": ISSUER,
            "COGNITO_JWKS_URL": key_set_server.url,
            "COGNITO_JWKS": "",
            "COGNITO_CLIENT_ID": CLIENT_ID,
            "COGNITO_API_CLIENT_IDS": f"another,{MACHINE_CLIENT_ID}",
            "COGNITO_API_TOKEN_USES": "access",
            "COGNITO_API_AUDIENCE": AUDIENCE,
            "COGNITO_REQUIRE_AUDIENCE": "false",
            "COGNITO_AUDIENCE_CLIENTS": "listed",
        }
    )


def test_valid_token_is_allowed_with_the_name_of_its_user(
    token_factory: TokenFactory, gateway: Gateway
) -> None:
    answer = gateway.verdict(f"Bearer {token_factory.access()}")
    assert answer["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    assert answer["principalId"] == token_factory.sub
    assert answer["context"] == {"client_id": CLIENT_ID, "token_use": "access"}


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
def test_scheme_is_read_as_the_application_reads_it(
    token_factory: TokenFactory, scheme: str, gateway: Gateway
) -> None:
    assert gateway.effect(f"{scheme}{token_factory.access()}") == "Allow"


def test_policy_covers_the_whole_stage_and_nothing_else(
    token_factory: TokenFactory, gateway: Gateway
) -> None:
    """The gateway keeps the policy by token, for every later path."""
    header = f"Bearer {token_factory.access()}"
    for path in ("GET/api/v1/me", "DELETE/api/v1/notes/1", "POST/"):
        (statement,) = gateway.verdict(header, path=path)["policyDocument"]["Statement"]
        assert statement["Resource"] == f"{API}/dev/*"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer junk", "Basic dXNlcjpwYXNz", "Bearer a.b.c", "x" * 9_000],
)
def test_value_that_is_not_a_token_is_denied(header: str, gateway: Gateway) -> None:
    assert gateway.effect(header) == "Deny"


def test_invalid_tokens_are_denied(token_factory: TokenFactory, gateway: Gateway) -> None:
    forged = token_factory.access()[:-8] + "AAAAAAAA"
    for token in (
        forged,
        token_factory.access(exp=int(time.time()) - 1, iat=int(time.time()) - 900),
        token_factory.access(iss="https://evil.example"),
        token_factory.access(client_id="another-client"),
        token_factory.id_token(),
        f"{token_factory.access()} {token_factory.access()}",
    ):
        assert gateway.effect(f"Bearer {token}") == "Deny"


def test_id_tokens_are_allowed_if_the_application_accepts_them(
    token_factory: TokenFactory, gateway: Gateway
) -> None:
    gateway.variables["COGNITO_API_TOKEN_USES"] = "access,id"
    assert gateway.effect(f"Bearer {token_factory.id_token()}") == "Allow"
    assert gateway.effect(f"Bearer {token_factory.access()}") == "Allow"


# The fast tests of the verifier, which this uses, try the same thousand tokens.
@pytest.mark.slow
@pytest.mark.parametrize("required", ["false", "true"])
@pytest.mark.parametrize("clients", ["listed", "any"])
def test_verdict_of_every_audience_and_actor_is_that_of_the_rules(
    clients: str, required: str, gateway: Gateway
) -> None:
    gateway.variables |= {
        "COGNITO_API_CLIENT_IDS": "",
        "COGNITO_API_TOKEN_USES": "access,id",
        "COGNITO_REQUIRE_AUDIENCE": required,
        "COGNITO_AUDIENCE_CLIENTS": clients,
    }
    authorizer = Authorizer(gateway.variables)
    different = []
    for combination, token in signed_tokens().items():
        answer = authorizer.verdict(event(f"Bearer {token}", path="GET/api/v1/me"))
        (statement,) = answer["policyDocument"]["Statement"]
        refusals = expected_codes(*combination, clients=clients, is_required=required == "true")
        if statement["Effect"] != ("Deny" if refusals else "Allow"):
            different.append(combination)
    assert different == []


def test_client_named_by_a_url_is_in_the_context(
    token_factory: TokenFactory, gateway: Gateway
) -> None:
    gateway.variables["COGNITO_AUDIENCE_CLIENTS"] = "any"
    client_id = "https://agent.example.net/client.json"
    token = token_factory.access(aud=AUDIENCE, client_id=client_id, scope="api/read")
    assert gateway.verdict(f"Bearer {token}")["context"]["client_id"] == client_id


def test_refusal_that_may_pass_is_not_remembered(
    token_factory: TokenFactory, gateway: Gateway
) -> None:
    """A key may be published in a minute, and a clock may run ahead, so the refusal is not kept."""
    by_a_new_key = TokenFactory(named_signing_key("not-published"))
    early = token_factory.access(iat=int(time.time()) + 300, exp=int(time.time()) + 900)
    for token in (by_a_new_key.access(), early):
        with pytest.raises(Unauthorized, match=r"^Unauthorized$"):
            gateway.verdict(f"Bearer {token}")


def test_unavailable_keys_are_a_failure_and_not_a_refusal(
    token_factory: TokenFactory, key_set_server: KeySetServer, gateway: Gateway
) -> None:
    gateway.variables["COGNITO_JWKS_URL"] = "http://127.0.0.1:9/jwks.json"
    with pytest.raises(KeysUnavailable):
        gateway.verdict(f"Bearer {token_factory.access()}")


def test_configured_keys_are_not_fetched(
    token_factory: TokenFactory, signing_key: SigningKey, gateway: Gateway
) -> None:
    gateway.variables["COGNITO_JWKS_URL"] = "http://127.0.0.1:9/jwks.json"
    gateway.variables["COGNITO_JWKS"] = json.dumps({"keys": [signing_key.jwk()]})
    assert gateway.effect(f"Bearer {token_factory.access()}") == "Allow"


def test_token_is_neither_returned_nor_logged(
    token_factory: TokenFactory, caplog: pytest.LogCaptureFixture, gateway: Gateway
) -> None:
    caplog.set_level(logging.DEBUG)
    expired = token_factory.access(exp=int(time.time()) - 1, iat=int(time.time()) - 900)
    for token in (token_factory.access(), expired):
        told = json.dumps(gateway.verdict(f"Bearer {token}")) + caplog.text
        assert not any(segment in told for segment in token.split("."))
    assert "token_expired" in caplog.text


def test_handler_reads_the_environment_and_loads_neither_django_nor_boto3(
    gateway: Gateway, signing_key: SigningKey, token_factory: TokenFactory
) -> None:
    gateway.variables["COGNITO_JWKS"] = json.dumps({"keys": [signing_key.jwk()]})
    program = (
        "import json, sys; from project.gateway_authorizer import handler; "
        "verdict = handler(json.load(sys.stdin), None); "
        "loaded = {'django', 'rest_framework', 'boto3', 'requests'} & set(sys.modules); "
        "print(verdict['policyDocument']['Statement'][0]['Effect'], sorted(loaded))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | gateway.variables,
        input=json.dumps(event(f"Bearer {token_factory.access()}", path="GET/api/v1/me")),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert printed.stdout.strip() == "Allow []"
