"""The audience of access tokens (RFC 8707), and clients that only the audience admits."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from cognito.testing import WITHOUT, TokenFactory
from tests.api.test_scopes import COGNITO_SCOPE, endpoints, needed_scope
from tests.support.answers import assert_problem, assert_refused, body_of
from tests.support.caller import ME, Caller
from tests.support.tokens import SUB

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keys")]

OURS = "http://localhost:8000/api"
URL_CLIENT = "https://agent.example.net/client.json"
EVERY_SCOPE = f"openid {COGNITO_SCOPE} api/read api/write api/account api/operate api/audit"


@pytest.fixture
def _any_client(settings: Settings) -> None:
    settings.COGNITO_AUDIENCE_CLIENTS = "any"
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"


def test_audience_of_the_api_is_its_address_unless_it_is_set() -> None:
    assert django_settings.COGNITO_API_AUDIENCE == OURS


def test_token_for_this_api_is_accepted(call: Caller, tokens: TokenFactory) -> None:
    assert call(tokens.access(aud=OURS)).status_code == 200


@pytest.mark.parametrize(
    "aud",
    [
        "https://billing.example.com",
        [OURS],
        [OURS, "https://billing.example.com"],
        [],
        "",
        OURS.upper(),
        f"{OURS}/",
        f" {OURS}",
        OURS + "x" * 4_000,
        "webclient1234567890",
        1,
        True,
        None,
        {"aud": OURS},
    ],
    ids=lambda aud: str(aud)[:40],
)
def test_token_for_another_api_is_refused(call: Caller, tokens: TokenFactory, aud: object) -> None:
    response = call(tokens.access(aud=aud))

    assert_refused(response, "wrong_audience")
    assert "billing" not in response.content.decode()


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_audience_counts_however_the_header_is_written(
    call: Caller, tokens: TokenFactory, scheme: str
) -> None:
    token = tokens.access(aud="https://billing.example.com")
    assert_refused(call(authorization=f"{scheme} {token}"), "wrong_audience")


def test_audience_of_an_id_token_is_its_client(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    settings.COGNITO_API_TOKEN_USES = frozenset({"access", "id"})
    settings.COGNITO_REQUIRE_AUDIENCE = True

    assert call(tokens.id_token()).status_code == 200
    assert_refused(call(tokens.id_token(aud=OURS)), "wrong_client")


def test_audience_can_be_required(call: Caller, tokens: TokenFactory, settings: Settings) -> None:
    settings.COGNITO_REQUIRE_AUDIENCE = True

    assert_refused(call(tokens.access()), "wrong_audience")
    assert_refused(call(tokens.machine(client_id="webclient1234567890")), "wrong_audience")
    assert call(tokens.access(aud=OURS)).status_code == 200


def test_audience_can_be_another_name(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    settings.COGNITO_API_AUDIENCE = "notes"

    assert call(tokens.access(aud="notes")).status_code == 200
    assert_refused(call(tokens.access(aud=OURS)), "wrong_audience")


# --- Clients that are not listed ------------------------------------------------------------------


def test_client_must_be_listed_by_default(call: Caller, tokens: TokenFactory) -> None:
    token = tokens.access(aud=OURS, client_id=URL_CLIENT, scope="api/read")
    assert_refused(call(token), "wrong_client")


@pytest.mark.usefixtures("_any_client")
@pytest.mark.parametrize("client_id", [URL_CLIENT, "7dynamic6543210registered"])
def test_any_client_is_accepted_with_our_audience_and_a_scope(
    call: Caller, tokens: TokenFactory, client_id: str
) -> None:
    def ask(**changes: Any) -> Any:
        claims = {"aud": OURS, "client_id": client_id, "scope": "openid api/read"} | changes
        return call(tokens.access(claims))

    response = ask()
    assert (response.status_code, body_of(response)["client_id"]) == (200, client_id)
    assert_refused(ask(aud=WITHOUT), "wrong_client")
    assert_refused(ask(scope="openid other/read"), "wrong_client")
    assert_refused(ask(aud="https://billing.example.com"), "wrong_audience")


# begin capability notes
@pytest.mark.usefixtures("_any_client")
def test_scopes_limit_a_client_that_is_not_listed(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    # A mistake in the configuration does not make the client a first-party one.
    settings.COGNITO_FIRST_PARTY_CLIENT_IDS = frozenset({"open"})
    token = tokens.access(aud=OURS, client_id="open", scope="api/read")

    assert call(token, "/api/v1/notes").status_code == 200
    response = call(token, "/api/v1/notes", method="POST", body={"title": "a", "body": "b"})
    assert_problem(response, 403, "insufficient_scope")


# end capability notes


@pytest.mark.usefixtures("_any_client")
@pytest.mark.parametrize(
    ("method", "path"),
    [one for one in endpoints() if needed_scope(*one) not in {None, "api/read", "api/write"}],
)
def test_client_that_is_not_listed_reaches_no_account_and_no_operator(
    call: Caller, tokens: TokenFactory, method: str, path: str
) -> None:
    groups = {"cognito:groups": ["operators"]}
    token = tokens.access(groups, aud=OURS, client_id=URL_CLIENT, scope=EVERY_SCOPE)

    response = call(token, f"/api/v1/{path}", method=method.upper(), body={})

    assert_problem(response, 403, "client_not_listed")


@pytest.mark.usefixtures("_any_client")
def test_identity_shows_no_right_that_the_client_cannot_use(
    call: Caller, tokens: TokenFactory
) -> None:
    scopes = body_of(call(tokens.access(aud=OURS, client_id=URL_CLIENT, scope=EVERY_SCOPE)))
    assert COGNITO_SCOPE not in scopes["scopes"]
    assert COGNITO_SCOPE in body_of(call(tokens.access(aud=OURS), ME))["scopes"]
    assert scopes["sub"] == SUB


# begin capability docs-page
@pytest.mark.parametrize("is_required", [False, True])
def test_documentation_page_requests_a_token_for_this_api_where_one_is_needed(
    client: Client, settings: Settings, is_required: bool
) -> None:
    settings.COGNITO_REQUIRE_AUDIENCE = is_required
    page = client.get("/api/v1/docs").content.decode()
    assert f'data-resource="{OURS if is_required else ""}"' in page


# end capability docs-page
