"""Tests of the times, issuer, client, use and identity of a token."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cognito.errors import (
    InvalidClaim,
    LifetimeTooLong,
    MissingClaim,
    TokenError,
    TokenExpired,
    TokenNotYetValid,
    UnknownKey,
    WrongClient,
    WrongIssuer,
    WrongTokenUse,
)
from cognito.testing import WITHOUT, KeySetServer, TokenFactory, signing_key
from cognito.testing.token_factory import CLIENT_ID, ISSUER, MACHINE_CLIENT_ID
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from cognito.wire import base64url
from tests.cognito.conftest import ACCESS_ONLY, Verify

NOW = 1_800_000_000
NEVER = "http://127.0.0.1:1/"  # nothing listens there

TYPES: dict[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "a word": "soon",
    "digits as text": "1800000100",
    "empty text": "",
    "a list": [NOW + 100],
    "an object": {"at": NOW + 100},
}


@pytest.fixture
def factory() -> TokenFactory:
    return TokenFactory(signing_key("pool"), clock=lambda: NOW)


def verifier_at(
    server: KeySetServer, now: float, client_ids: frozenset[str] = frozenset({CLIENT_ID})
) -> TokenVerifier:
    trusted = TrustedIssuer(issuer=ISSUER, client_ids=client_ids, keys=KeySource(server.url))
    return TokenVerifier([trusted], clock=lambda: now)


@pytest.fixture
def judge(key_set_server: KeySetServer) -> Verify:
    verifier = verifier_at(key_set_server, NOW)
    return lambda token: verifier.verify(token, token_uses=ACCESS_ONLY)


# --- times


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW + 1},
        {"exp": NOW + 0.5},
        {"exp": NOW + 86_400},
        {"exp": NOW + 100.5, "iat": NOW - 100.5},
        {"iat": NOW + 10},
        {"iat": NOW + 60},
        {"nbf": NOW + 60},
        {"nbf": NOW - 10},
        {"iat": NOW - 3600},
    ],
    ids=repr,
)
def test_token_within_its_lifetime_is_accepted(
    claims: Mapping[str, Any], judge: Verify, factory: TokenFactory
) -> None:
    accepted = judge(factory.access(claims))
    # Times are rounded down, so that a token is not valid for longer than it says.
    assert accepted.expires_at == math.floor(claims.get("exp", NOW + 900))
    assert accepted.issued_at == math.floor(claims.get("iat", NOW))


@pytest.mark.parametrize("exp", [NOW, NOW - 1, NOW - 0.5, NOW - 3600, 0, 0.0])
def test_expired_token_is_refused(exp: float, judge: Verify, factory: TokenFactory) -> None:
    with pytest.raises(TokenExpired):
        judge(factory.access(exp=exp))


@pytest.mark.parametrize("name", ["iat", "nbf"])
@pytest.mark.parametrize("ahead", [61, 60.5, 3600, 10**12])
def test_token_from_the_future_is_refused(
    name: str, ahead: float, judge: Verify, factory: TokenFactory
) -> None:
    with pytest.raises(TokenNotYetValid):
        judge(factory.access({name: NOW + ahead, "exp": NOW + ahead + 900}))


@pytest.mark.parametrize("exp", [NOW + 24 * 3600 + 1801, NOW + 100 * 365 * 86_400, 2**53 - 1])
def test_token_with_a_longer_lifetime_than_cognito_allows_is_refused(
    exp: float, judge: Verify, factory: TokenFactory
) -> None:
    with pytest.raises(LifetimeTooLong):
        judge(factory.access(exp=exp))


def test_token_issued_a_month_ago_is_refused(judge: Verify, factory: TokenFactory) -> None:
    with pytest.raises(LifetimeTooLong):
        judge(factory.access(iat=NOW - 30 * 86_400))


@pytest.mark.parametrize("name", ["exp", "iat"])
def test_token_without_a_time_is_refused(name: str, judge: Verify, factory: TokenFactory) -> None:
    with pytest.raises(MissingClaim) as refused:
        judge(factory.access({name: WITHOUT}))
    assert refused.value.expected == name


@pytest.mark.parametrize("value", TYPES)
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_time_that_is_not_a_number_is_refused(
    name: str, value: str, judge: Verify, factory: TokenFactory
) -> None:
    with pytest.raises(InvalidClaim):
        judge(factory.access({name: TYPES[value]}))


@pytest.mark.parametrize("value", [-1, -0.5, -1e300, -(10**400), 2**53, 1e300, 10**400])
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_time_out_of_range_is_refused(
    name: str, value: float, judge: Verify, factory: TokenFactory
) -> None:
    # The other times have fractions: Python cannot calculate with a float and such a large int.
    times = {"exp": NOW + 900.5, "iat": NOW - 0.5, "nbf": NOW - 0.5} | {name: value}
    with pytest.raises(InvalidClaim):
        judge(factory.access(times))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_time_that_is_not_finite_is_refused(
    name: str, number: str, judge: Verify, factory: TokenFactory
) -> None:
    payload = json.loads(base64url.decode(factory.access().split(".")[1].encode()))
    payload.pop(name, None)
    text = json.dumps(payload)[:-1] + f',"{name}":{number}}}'
    header = json.dumps({"alg": "RS256", "kid": factory.key.kid})
    with pytest.raises(TokenError):
        judge(factory.forged(header.encode(), text.encode()))


@pytest.mark.parametrize("skew", [-30, 30])
def test_clock_that_is_half_a_minute_wrong_is_tolerated(
    skew: int, key_set_server: KeySetServer, factory: TokenFactory
) -> None:
    verifier = verifier_at(key_set_server, NOW + skew)
    assert verifier.verify(factory.access(), token_uses=ACCESS_ONLY).sub == factory.sub


# --- issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Another01",
        "https://cognito-idp.us-east-1.amazonaws.com/eu-west-1_Example01",
        "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Another01",
        "https://attacker.example/eu-west-1_Example01",
        ISSUER.replace("https", "http"),
        ISSUER + "/",
        ISSUER + "\n",
        ISSUER + " ",
        " " + ISSUER,
        ISSUER + "\x00",
        ISSUER + "?",
        ISSUER + "#",
        ISSUER + "x",
        ISSUER[:-1],
        ISSUER.upper(),
        ISSUER.replace("/eu", "/./eu"),
        ISSUER.replace("/eu", "//eu"),
        ISSUER.replace("e", "%65", 1),
        ISSUER.replace(".com", ".com:443"),
        ISSUER.replace("https://", "https://user@"),
        ISSUER.replace("o", "\u043e", 1),
        ISSUER.removeprefix("https://"),
        "h",
        "",
        1,
        True,
        0.5,
        [ISSUER],
        {ISSUER: 1},
    ],
    ids=repr,
)
def test_other_issuer_is_refused(issuer: object, judge: Verify, factory: TokenFactory) -> None:
    with pytest.raises(WrongIssuer):
        judge(factory.access(iss=issuer))


@pytest.mark.parametrize("issuer", [WITHOUT, None])
def test_token_without_an_issuer_is_refused(
    issuer: object, judge: Verify, factory: TokenFactory
) -> None:
    with pytest.raises(MissingClaim):
        judge(factory.access(iss=issuer))


OTHER_ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other0001"


def test_each_issuer_has_its_own_keys_and_clients() -> None:
    here, there = signing_key("pool"), signing_key("other")
    with KeySetServer(here) as one, KeySetServer(there) as other:
        verifier = TokenVerifier(
            [
                TrustedIssuer(issuer=ISSUER, client_ids=frozenset({"a"}), keys=KeySource(one.url)),
                TrustedIssuer(
                    issuer=OTHER_ISSUER, client_ids=frozenset({"b"}), keys=KeySource(other.url)
                ),
            ]
        )

        def verify(key: TokenFactory, **claims: str) -> str:
            return verifier.verify(key.access(claims), token_uses=ACCESS_ONLY).issuer

        ours = TokenFactory(here, issuer=ISSUER, client_id="a")
        theirs = TokenFactory(there, issuer=OTHER_ISSUER, client_id="b")
        assert verify(ours) == ISSUER
        assert verify(theirs) == OTHER_ISSUER
        with pytest.raises(UnknownKey):
            verify(theirs, iss=ISSUER, client_id="a")
        with pytest.raises(WrongClient):
            verify(ours, client_id="b")
        with pytest.raises(UnknownKey):
            verify(ours, iss=OTHER_ISSUER, client_id="b")


IN_CHINA = "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_TestPool1"


@pytest.mark.parametrize(
    ("issuer", "other"),
    [
        (ISSUER, ISSUER.replace("cognito-idp", "issuer-cognito-idp")),
        (ISSUER.replace("cognito-idp", "issuer-cognito-idp"), ISSUER),
        (IN_CHINA, IN_CHINA.replace("cognito-idp", "issuer-cognito-idp")),
    ],
)
def test_pool_is_trusted_under_both_names_and_keeps_one_identity(
    issuer: str, other: str, key_set_server: KeySetServer
) -> None:
    trusted = TrustedIssuer(
        issuer=issuer, client_ids=frozenset({CLIENT_ID}), keys=KeySource(key_set_server.url)
    )
    verifier = TokenVerifier([trusted])
    for name in (issuer, other):
        factory = TokenFactory(signing_key("pool"), issuer=name)
        assert verifier.verify(factory.access(), token_uses=ACCESS_ONLY).issuer == issuer
    assert key_set_server.hits == 1


def test_empty_or_repeated_issuers_and_empty_clients_raise() -> None:
    keys = KeySource(NEVER)
    with pytest.raises(ValueError, match="needs a name"):
        TrustedIssuer(issuer="", client_ids=frozenset({"a"}), keys=keys)
    with pytest.raises(ValueError, match="needs a name"):
        TrustedIssuer(issuer=ISSUER, client_ids=frozenset({""}), keys=keys)
    trusted = TrustedIssuer(issuer=ISSUER, client_ids=frozenset(), keys=keys)
    by_its_other_name = replace(trusted, issuer=ISSUER.replace("cognito-idp", "issuer-cognito-idp"))
    for issuers in ([], [trusted, trusted], [trusted, by_its_other_name]):
        with pytest.raises(ValueError, match="issuer"):
            TokenVerifier(issuers)


# --- client and use


@pytest.mark.parametrize(
    "client_id",
    [
        "another",
        CLIENT_ID.upper(),
        CLIENT_ID + "x",
        CLIENT_ID[:-1],
        CLIENT_ID + " ",
        CLIENT_ID + "\n",
        "",
        None,
        1,
        True,
        [CLIENT_ID],
        {CLIENT_ID: True},
    ],
    ids=repr,
)
def test_other_client_is_refused(
    client_id: object, key_set_server: KeySetServer, factory: TokenFactory
) -> None:
    verifier = verifier_at(key_set_server, NOW)
    for token in (factory.access(client_id=client_id), factory.id_token(aud=client_id)):
        with pytest.raises(WrongClient):
            verifier.verify(token, token_uses=frozenset({"access", "id"}))


def test_client_in_the_claim_of_the_other_kind_of_token_does_not_count(
    key_set_server: KeySetServer, factory: TokenFactory
) -> None:
    verifier = verifier_at(key_set_server, NOW)
    for token in (
        factory.access(client_id=WITHOUT),
        factory.access(client_id=WITHOUT, aud=CLIENT_ID),
        factory.id_token(aud=WITHOUT),
        factory.id_token(aud=WITHOUT, client_id=CLIENT_ID),
        factory.id_token(token_use="access"),
    ):
        with pytest.raises(MissingClaim):
            verifier.verify(token, token_uses=frozenset({"access", "id"}))
    with pytest.raises(WrongClient):
        verifier.verify(factory.id_token(aud=[CLIENT_ID, "b"]), token_uses=frozenset({"id"}))


def test_every_client_is_refused_if_none_is_configured(
    key_set_server: KeySetServer, factory: TokenFactory
) -> None:
    verifier = verifier_at(key_set_server, NOW, frozenset())
    with pytest.raises(WrongClient):
        verifier.verify(factory.access(), token_uses=ACCESS_ONLY)


@pytest.mark.parametrize(
    "use", ["ACCESS", "Access", "access ", "refresh", "", None, True, 1, ["access"], {"access": 1}]
)
def test_other_use_is_refused(use: object, judge: Verify, factory: TokenFactory) -> None:
    with pytest.raises(WrongTokenUse):
        judge(factory.access(token_use=use))


def test_token_without_a_use_is_refused(judge: Verify, factory: TokenFactory) -> None:
    with pytest.raises(MissingClaim):
        judge(factory.access(token_use=WITHOUT))


def test_error_for_the_wrong_kind_of_token_names_the_needed_kind(
    key_set_server: KeySetServer, factory: TokenFactory
) -> None:
    verifier = verifier_at(key_set_server, NOW)
    with pytest.raises(WrongTokenUse, match="An access token is needed here, and an ID token"):
        verifier.verify(factory.id_token(), token_uses=ACCESS_ONLY)
    with pytest.raises(WrongTokenUse, match="An ID token is needed here, and an access token"):
        verifier.verify(factory.access(), token_uses=frozenset({"id"}))


def test_cached_token_does_not_pass_for_another_use(
    key_set_server: KeySetServer, factory: TokenFactory
) -> None:
    verifier = verifier_at(key_set_server, NOW)
    id_token = factory.id_token()
    for _ in range(3):
        both = verifier.verify(id_token, token_uses=frozenset({"access", "id"}))
        assert both.token_use == "id"
        with pytest.raises(WrongTokenUse, match="An access token is needed"):
            verifier.verify(id_token, token_uses=ACCESS_ONLY)


# --- identity

INVALID_IDENTIFIERS: dict[str, Any] = {
    "null": None,
    "a number": 7,
    "true": True,
    "a list": ["a"],
    "an object": {"sub": "a"},
    "empty": "",
    "blank": "  ",
    "with a NUL": "ab\x00c",
    "with a line break": "ab\nc",
    "with an escape": "ab\x1b[31m",
    "with a C1 control": "ab\x85c",
    "with a line separator": "ab\u2028c",
    "with a space before": " abc",
    "with a space after": "abc ",
    "with a no-break space after": "abc\u00a0",
    "of 256 characters": "a" * 256,
    "of 3 KB": "a" * 3000,
}


@pytest.mark.parametrize("value", INVALID_IDENTIFIERS)
@pytest.mark.parametrize("name", ["sub", "username", "origin_jti"])
def test_invalid_identifier_is_refused(
    name: str, value: str, judge: Verify, factory: TokenFactory
) -> None:
    with pytest.raises(InvalidClaim):
        judge(factory.access({name: INVALID_IDENTIFIERS[value]}))


def test_token_without_a_subject_is_refused(judge: Verify, factory: TokenFactory) -> None:
    with pytest.raises(MissingClaim):
        judge(factory.access(sub=WITHOUT))


@pytest.mark.parametrize(
    "name", ["a", "a" * 255, "Ada Lovelace", "ad\u00e4", "\U0001f600", "\U0001fae9", "saml_a@b.c"]
)
def test_name_that_cognito_allows_is_accepted(
    name: str, judge: Verify, factory: TokenFactory
) -> None:
    claims = judge(factory.access(sub=name, username=name))
    assert (claims.sub, claims.username) == (name, name)


# --- values of claims


def test_claims_of_a_users_access_token_are_read(judge: Verify, factory: TokenFactory) -> None:
    more = {"cognito:groups": ["operators", "readers"], "scope": "openid api/read", "jti": "j"}
    claims = judge(factory.access(more, origin_jti="o"))
    assert (claims.issuer, claims.sub, claims.username) == (ISSUER, factory.sub, factory.sub)
    assert (claims.token_use, claims.client_id) == ("access", CLIENT_ID)
    assert claims.groups == {"operators", "readers"}
    assert claims.scopes == {"openid", "api/read"}
    assert (claims.expires_at, claims.issued_at) == (NOW + 900, NOW)
    assert (claims.origin_jti, claims.jti, claims.nonce) == ("o", "j", None)
    assert not claims.is_machine


def test_claims_of_an_id_token_are_read(
    key_set_server: KeySetServer, factory: TokenFactory
) -> None:
    verifier = verifier_at(key_set_server, NOW)

    def verify(**claims: Any) -> Any:
        return verifier.verify(factory.id_token(claims), token_uses=frozenset({"id"}))

    claims = verify(scope="api/write", nonce="n")
    assert (claims.email, claims.name, claims.nonce) == ("ada@example.com", "Ada Lovelace", "n")
    assert (claims.username, claims.client_id) == (factory.sub, CLIENT_ID)
    assert claims.scopes == frozenset()
    assert not claims.is_machine
    mistyped = verify(email={"a": 1}, name=["Ada"], jti=5, nonce=7)
    assert (mistyped.email, mistyped.name, mistyped.jti, mistyped.nonce) == (None,) * 4


def test_token_of_a_machine_is_distinguished_from_a_users(
    key_set_server: KeySetServer, factory: TokenFactory
) -> None:
    verifier = verifier_at(key_set_server, NOW, frozenset({CLIENT_ID, MACHINE_CLIENT_ID}))

    def is_machine(token: str) -> bool:
        return verifier.verify(token, token_uses=frozenset({"access", "id"})).is_machine

    assert is_machine(factory.machine())
    assert not is_machine(factory.machine(username="ada"))
    assert not is_machine(factory.machine(sub="another"))
    assert not is_machine(factory.access(username=WITHOUT))
    assert not is_machine(factory.id_token({"cognito:username": WITHOUT}, sub=CLIENT_ID))


GROUPS: dict[str, tuple[Any, set[str]]] = {
    "none": (WITHOUT, set()),
    "a list": (["operators"], {"operators"}),
    "twice the same": (["operators", "operators"], {"operators"}),
    "empty": ([], set()),
    "text": ("operators", set()),
    "JSON in text": ('["operators"]', set()),
    "other case": (["Operators"], {"Operators"}),
    "longer": (["operators2"], {"operators2"}),
    "look-alike": (["\u043eperators"], {"\u043eperators"}),
    "shorter": (["operator"], {"operator"}),
    "with a space": (["operators "], {"operators "}),
    "nulls": ([None, "operators"], set()),
    "null": (None, set()),
    "a number": (["operators", 5], set()),
    "a list in the list": ([["operators"]], set()),
    "an object": ({"operators": True}, set()),
    "empty names": (["", "operators"], set()),
    "true": (True, set()),
}


@pytest.mark.parametrize("name", GROUPS)
def test_groups_are_read_only_from_a_list_of_names(
    name: str, judge: Verify, factory: TokenFactory
) -> None:
    value, expected = GROUPS[name]
    assert judge(factory.access({"cognito:groups": value})).groups == expected


def test_groups_are_not_read_from_other_claims(judge: Verify, factory: TokenFactory) -> None:
    names = [
        "groups",
        "roles",
        "cognito:roles",
        "Cognito:Groups",
        "custom:groups",
        "custom:is_staff",
    ]
    more: dict[str, Any] = {name: ["operators"] for name in names}
    assert judge(factory.access(more | {"cognito:groups": WITHOUT})).groups == frozenset()


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (WITHOUT, set()),
        ("", set()),
        ("api/read", {"api/read"}),
        ("a  b ", {"a", "b"}),
        ("a\tb", {"a\tb"}),
        ("a\u00a0b", {"a\u00a0b"}),
        (["api/read"], set()),
        ({"api/read": 1}, set()),
        (None, set()),
    ],
    ids=lambda value: repr(sorted(value) if isinstance(value, set) else value),
)
def test_scopes_are_split_only_at_spaces(
    scope: object, expected: set[str], judge: Verify, factory: TokenFactory
) -> None:
    assert judge(factory.access(scope=scope)).scopes == expected


def test_changed_claims_do_not_affect_the_next_request(
    judge: Verify, factory: TokenFactory
) -> None:
    token = factory.access({"cognito:groups": ["readers"], "a": {"b": [1]}})
    claims = judge(token)
    with pytest.raises(AttributeError):
        claims.sub = "another"  # type: ignore[misc]
    claims.raw["cognito:groups"].append("operators")
    claims.raw["a"]["b"].clear()
    claims.raw["sub"] = "another"
    again = judge(token)
    assert again.groups == {"readers"}
    assert again.raw["a"] == {"b": [1]}
    assert again.sub == again.raw["sub"] == factory.sub


def test_representation_of_claims_contains_no_value(judge: Verify, factory: TokenFactory) -> None:
    claims = judge(factory.access())
    for text in (repr(claims), str(claims), f"{claims}", f"{[claims]}"[1:-1]):
        assert text == "<Claims of one access token>"
