"""The audience and the actors of tokens."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cognito.errors import InvalidClaim, MalformedToken, TokenError, WrongAudience, WrongClient
from cognito.testing import WITHOUT, KeySetServer, TokenFactory
from cognito.testing.token_factory import AUDIENCE, CLIENT_ID, ISSUER
from cognito.tokens.actors import MAX_BYTES, Actor
from cognito.tokens.claims import Claims
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from tests.support.token_matrix import AUDIENCES, CLIENTS, expected_codes, nested, signed_tokens

ACCESS_ONLY, BOTH = frozenset({"access"}), frozenset({"access", "id"})
OUR_SCOPES = frozenset({"api/read", "api/write"})


def verifier_of(
    server: KeySetServer, *, clients: str = "listed", is_required: bool = False
) -> TokenVerifier:
    trusted = TrustedIssuer(
        issuer=ISSUER,
        client_ids=frozenset({CLIENT_ID}),
        keys=KeySource(server.url),
        audience=AUDIENCE,
        requires_audience=is_required,
        open_scopes=OUR_SCOPES if clients == "any" else frozenset(),
    )
    return TokenVerifier([trusted], cache_size=10_000)


def code_of(verifier: TokenVerifier, token: str, uses: frozenset[str] = BOTH) -> str:
    """Return the code of the refusal, or an empty string."""
    try:
        verifier.verify(token, token_uses=uses)
    except TokenError as error:
        return error.code
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("is_required", [False, True], ids=["optional", "required"])
@pytest.mark.parametrize("clients", ["listed", "any"])
def test_verdict_of_every_combination_follows_the_rules(
    clients: str,
    is_required: bool,
    key_set_server: KeySetServer,
) -> None:
    verifier = verifier_of(key_set_server, clients=clients, is_required=is_required)
    different: dict[object, object] = {}
    for combination, token in signed_tokens().items():
        expected = expected_codes(*combination, clients=clients, is_required=is_required)
        # The second verdict comes from the cache, if the token was accepted.
        found = [code_of(verifier, token), code_of(verifier, token)]
        if found[0] != found[1] or (found[0] not in expected if expected else found[0]):
            different[combination] = (found, expected)
        if "id" in combination and code_of(verifier, token, ACCESS_ONLY) != "wrong_token_use":
            different[combination] = ("an ID token counts as an access token", expected)
    assert different == {}
    assert len(signed_tokens()) == 1104


@pytest.fixture
def verify(key_set_server: KeySetServer) -> Any:
    """Return a function that verifies an access token of any client."""
    verifier = verifier_of(key_set_server, clients="any")
    return lambda token, **options: verifier.verify(token, token_uses=ACCESS_ONLY, **options)


def test_client_that_is_not_listed_is_marked_and_cannot_manage_the_account(
    verify: Any, token_factory: TokenFactory
) -> None:
    scope = "api/read aws.cognito.signin.user.admin"
    for client_id in (CLIENTS["unlisted"], CLIENTS["URL"]):
        claims = verify(token_factory.access(aud=AUDIENCE, client_id=client_id, scope=scope))
        assert claims.client_id == client_id
        assert not claims.is_listed_client
        assert claims.scopes == {"api/read"}
    for aud in (AUDIENCE, WITHOUT):
        claims = verify(token_factory.access(aud=aud, scope=scope))
        assert claims.is_listed_client
        assert claims.scopes == set(scope.split())


@pytest.mark.parametrize(
    "client_id", ["", " ", "a b", "a\n", "ä", "x" * 2049, None, 1, [], ["a"], {}, WITHOUT], ids=repr
)
def test_open_client_needs_a_well_formed_id(
    client_id: object, verify: Any, token_factory: TokenFactory
) -> None:
    token = token_factory.access(aud=AUDIENCE, client_id=client_id, scope="api/read")
    with pytest.raises(TokenError) as caught:
        verify(token)
    assert caught.value.code == ("missing_claim" if client_id is WITHOUT else "wrong_client")


@pytest.mark.parametrize(
    "scope",
    ["", "API/READ", "api", "api/", "api/read2", "api/read\tx", ["api/read"], None, WITHOUT],
)
def test_open_client_needs_a_scope_of_ours(
    scope: object, verify: Any, token_factory: TokenFactory
) -> None:
    with pytest.raises(WrongClient):
        verify(token_factory.access(aud=AUDIENCE, client_id="open", scope=scope))


def test_machine_of_an_open_client_is_a_machine(verify: Any, token_factory: TokenFactory) -> None:
    claims = verify(token_factory.machine(aud=AUDIENCE, client_id=CLIENTS["URL"]))
    assert claims.is_machine
    assert not claims.is_listed_client


def test_audience_longer_than_a_token_may_be_is_refused(
    verify: Any, token_factory: TokenFactory
) -> None:
    with pytest.raises(MalformedToken):
        verify(token_factory.access(aud="x" * 20_000))


def test_verifier_without_an_audience_refuses_every_audience(
    key_set_server: KeySetServer, token_factory: TokenFactory
) -> None:
    trusted = TrustedIssuer(
        issuer=token_factory.issuer,
        client_ids=frozenset({CLIENT_ID}),
        keys=KeySource(key_set_server.url),
    )
    verifier = TokenVerifier([trusted])
    for name, aud in AUDIENCES.items():
        expected = "" if name == "missing" else "wrong_audience"
        assert code_of(verifier, token_factory.access(aud=aud)) == expected


@pytest.mark.parametrize(
    "options",
    [{"audience": ""}, {"requires_audience": True}, {"open_scopes": OUR_SCOPES}],
    ids=["empty", "required_but_unset", "open_scopes"],
)
def test_configuration_without_an_audience_is_refused(options: Any) -> None:
    with pytest.raises(ValueError, match="audience"):
        TrustedIssuer(
            issuer="https://issuer", client_ids=frozenset(), keys=KeySource("x"), **options
        )


@pytest.mark.parametrize("is_required", [False, True])
@pytest.mark.parametrize("aud", ["missing", "another", "client", "list"])
def test_token_of_a_sign_in_may_have_any_audience_but_is_no_bearer_token_then(
    aud: str, is_required: bool, key_set_server: KeySetServer, token_factory: TokenFactory
) -> None:
    """A browser session calls Cognito with its token, and this API never gets it."""
    verifier = verifier_of(key_set_server, is_required=is_required)
    token = token_factory.access(aud=AUDIENCES[aud])
    for _ in range(2):
        verifier.verify(token, token_uses=ACCESS_ONLY, is_from_provider=True)
        expected = "" if aud == "missing" and not is_required else "wrong_audience"
        assert code_of(verifier, token) == expected


def test_error_does_not_repeat_the_audience(verify: Any, token_factory: TokenFactory) -> None:
    with pytest.raises(WrongAudience) as caught:
        verify(token_factory.access(aud="https://billing.example.com"))
    assert "billing" not in str(caught.value)
    assert AUDIENCE not in str(caught.value)


# --- The actor ------------------------------------------------------------------------------------


def test_actors_are_listed_from_the_current_one_to_the_first(
    verify: Any, token_factory: TokenFactory
) -> None:
    act = {
        "sub": "agent",
        "iss": "https://issuer.example.net",
        "act": {"client_id": "service", "act": {"sub": "gateway", "client_id": "client"}},
    }
    claims: Claims = verify(token_factory.access(act=act))
    assert claims.actors == (
        Actor("agent", "https://issuer.example.net", None),
        Actor("service", None, "service"),
        Actor("gateway", None, "client"),
    )
    assert claims.actor == claims.actors[0]
    assert verify(token_factory.access()).actor is None


@pytest.mark.parametrize(
    "change",
    [
        {"sub": ""},
        {"sub": " agent"},
        {"sub": "a\nb"},
        {"sub": "a\0b"},
        {"sub": "x" * 256},
        {"sub": 7},
        {"sub": None},
        {"sub": ["agent"]},
        {"iss": 7},
        {"iss": ""},
        {"client_id": None},
        {"client_id": {}},
        {"act": None},
        {"act": {}},
        {"act": "agent"},
        {"act": {"iss": "https://issuer.example.net"}},
    ],
    ids=repr,
)
def test_malformed_actor_is_refused(
    change: dict[str, Any], verify: Any, token_factory: TokenFactory
) -> None:
    for act in (nested(1) | change, nested(1) | {"act": nested(1) | change}):
        with pytest.raises(InvalidClaim):
            verify(token_factory.access(act=act))
        with pytest.raises(InvalidClaim):
            verify(token_factory.machine(act=act, client_id=CLIENT_ID))


def test_size_of_the_claim_is_limited_to_the_byte(verify: Any, token_factory: TokenFactory) -> None:
    act = {"sub": "agent", "note": ""}
    room = MAX_BYTES - len(json.dumps(act, separators=(",", ":")))
    assert verify(token_factory.access(act=act | {"note": "x" * room})).actor.sub == "agent"
    for note in ("x" * (room + 1), "ä" * (room // 2 + 1), ["x" * room]):
        with pytest.raises(InvalidClaim):
            verify(token_factory.access(act=act | {"note": note}))


def test_actor_of_an_id_token_counts(
    key_set_server: KeySetServer, token_factory: TokenFactory
) -> None:
    verifier = verifier_of(key_set_server)
    claims = verifier.verify(token_factory.id_token(act=nested(1)), token_uses=BOTH)
    assert claims.actor == Actor("agent-1", None, None)
