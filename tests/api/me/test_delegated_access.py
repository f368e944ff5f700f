"""Tokens that the local Cognito derives from a user's: for this API, and for a further service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import requests
from django.conf import settings as django_settings
from pytest_django import Settings

from accounts import conf
from cognito.errors import ClientRefused, NotAuthorized
from infra.tokens import access_token
from tests.api.me.conftest import PASSWORD, PROFILE, Person
from tests.support.answers import assert_problem, assert_refused, body_of
from tests.support.application import Stack
from tests.support.caller import Caller

pytestmark = [pytest.mark.ministack, pytest.mark.django_db]

BILLING = "https://billing.example.com"
SCOPE = "aws.cognito.signin.user.admin"
FLOWS = ["ALLOW_TOKEN_EXCHANGE_IMPERSONATION", "ALLOW_TOKEN_EXCHANGE_DELEGATION"]


@dataclass(frozen=True)
class Service:
    """An app client that exchanges tokens. `token` is its own."""

    client_id: str
    client_secret: str
    token: str


@pytest.fixture
def service(pool: Stack, settings: Settings) -> Service:
    """Make an app client for the application, which signs users in and exchanges their tokens."""
    # The types of boto3 lack the newest flows.
    cognito: Any = pool.aws.cognito()
    client = cognito.create_user_pool_client(
        UserPoolId=pool.pool.user_pool_id,
        ClientName="agent",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", *FLOWS],
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["api/read", SCOPE],
    )["UserPoolClient"]
    settings.COGNITO_CLIENT_ID = client["ClientId"]
    settings.COGNITO_CLIENT_SECRET = client["ClientSecret"]
    settings.COGNITO_FIRST_PARTY_CLIENT_IDS = frozenset({client["ClientId"]})
    answer = requests.post(
        f"{pool.aws.endpoint_url}/oauth2/token",
        data={"grant_type": "client_credentials", "scope": "api/read"},
        auth=(client["ClientId"], client["ClientSecret"]),
        timeout=10,
    )
    return Service(client["ClientId"], client["ClientSecret"], answer.json()["access_token"])


@pytest.fixture
def token(service: Service, person: Person) -> str:
    """Return an access token of the user for the client of the application."""
    return access_token(
        person.stack.aws.cognito(),
        client_id=service.client_id,
        client_secret=service.client_secret,
        email=person.email,
        password=person.password,
    )


@pytest.mark.usefixtures("fresh_process")
def test_derived_token_is_for_the_other_service_only(
    call: Caller, service: Service, person: Person, token: str
) -> None:
    exchange = conf.token_exchange()
    derived = exchange.derived_token(token, audience=BILLING, scopes={SCOPE, "billing/read"})

    assert derived.scopes == {SCOPE}
    claims = exchange.verifier.verify(
        derived.access_token, token_uses=frozenset({"access"}), is_from_provider=True
    )
    assert (claims.raw["aud"], claims.sub, claims.actor) == (BILLING, person.sub, None)
    assert_refused(call(derived.access_token), "wrong_audience")
    again = exchange.derived_token(token, audience=BILLING, scopes={SCOPE})
    assert again.access_token == derived.access_token


@pytest.mark.usefixtures("fresh_process")
def test_actor_is_seen_by_the_api_and_may_not_change_the_password(
    call: Caller, service: Service, person: Person, token: str
) -> None:
    derived = conf.token_exchange().derived_token(
        token,
        audience=django_settings.COGNITO_API_AUDIENCE,
        scopes={SCOPE},
        actor_token=service.token,
    )

    me = body_of(call(derived.access_token))
    assert me["sub"] == person.sub
    assert me["actor"] == {
        "sub": service.client_id,
        "issuer": None,
        "client_id": service.client_id,
        "prior": [],
    }
    passwords = {"old_password": person.password, "new_password": f"{person.password}!"}
    refused = call(derived.access_token, PASSWORD, method="POST", body=passwords)
    assert_problem(refused, 403, "delegated_token")
    # The client is a first-party one, but the token was derived with fewer rights.
    assert_problem(call(derived.access_token, PROFILE), 403, "insufficient_scope")
    assert call(token, PROFILE).status_code == 200


@pytest.mark.usefixtures("fresh_process")
def test_chain_of_actors_is_kept(service: Service, token: str) -> None:
    exchange = conf.token_exchange()
    audience = django_settings.COGNITO_API_AUDIENCE
    first = exchange.derived_token(
        token, audience=audience, scopes={SCOPE}, actor_token=service.token
    )
    for actor_token, actors in ((None, 1), (service.token, 2)):
        further = exchange.derived_token(
            first.access_token, audience=audience, scopes={SCOPE}, actor_token=actor_token
        )
        claims = exchange.verifier.verify(further.access_token, token_uses=frozenset({"access"}))
        assert [one.sub for one in claims.actors] == [service.client_id] * actors


@pytest.mark.usefixtures("fresh_process")
def test_client_without_the_flow_is_refused_and_logged(
    pool: Stack, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ClientRefused):
        conf.token_exchange().derived_token(person.token, audience=BILLING, scopes={SCOPE})
    assert "ALLOW_TOKEN_EXCHANGE" in caplog.text


@pytest.mark.usefixtures("fresh_process")
def test_token_of_a_disabled_user_is_not_exchanged(
    service: Service, person: Person, token: str
) -> None:
    exchange = conf.token_exchange()
    person.stack.aws.cognito().admin_disable_user(
        UserPoolId=person.stack.pool.user_pool_id, Username=person.sub
    )
    with pytest.raises(NotAuthorized):
        exchange.derived_token(token, audience=BILLING, scopes={SCOPE})
