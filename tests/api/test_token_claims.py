"""Well-signed tokens that are not for us, not for now, or do not say for whom."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cognito.testing import WITHOUT
from tests.api.conftest import Caller
from tests.support.answers import assert_refused, body_of
from tests.support.tokens import SUB, Forge, access_claims, id_claims

pytestmark = pytest.mark.usefixtures("known_keys")

NOW = int(time.time())
HOUR = 3600
NO_TIMES: list[object] = ["tomorrow", "", "9999999999", True, None, [], {}, [NOW], {"t": NOW}]
NO_NAMES: list[object] = [
    "", " ", None, 7, True, [], {}, [SUB], "a\0b", SUB + "\0", SUB + " ", " " + SUB, SUB + "\n",
    "a\u2028b", "\x7f", "x" * 256,
]  # fmt: skip
CLIENT = "webclient1234567890"
ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1"


def with_claims(forge: Forge, changed: dict[str, Any]) -> str:
    return forge.token(access_claims(**changed))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"exp": NOW - HOUR}, "token_expired"),
        ({"exp": NOW}, "token_expired"),
        ({"exp": 0}, "token_expired"),
        ({"exp": -1}, "invalid_claim"),
        ({"exp": NOW - 0.5}, "token_expired"),
        ({"exp": WITHOUT}, "missing_claim"),
        ({"iat": WITHOUT}, "missing_claim"),
        ({"exp": NOW + 100 * 365 * 24 * HOUR}, "lifetime_too_long"),
        ({"exp": NOW + 25 * HOUR}, "lifetime_too_long"),
        ({"exp": 1e300}, "invalid_claim"),
        ({"iat": NOW - 30 * 24 * HOUR}, "lifetime_too_long"),
        ({"iat": -1e300}, "invalid_claim"),
        ({"iat": NOW + HOUR, "exp": NOW + 2 * HOUR}, "token_not_yet_valid"),
        ({"nbf": NOW + HOUR}, "token_not_yet_valid"),
        ({"exp": 10**18}, "invalid_claim"),
        ({"exp": 10**400, "iat": NOW - 0.5}, "invalid_claim"),
        *[({name: no}, "invalid_claim") for name in ("exp", "iat", "nbf") for no in NO_TIMES],
    ],
)
def test_a_token_that_is_not_for_now_is_refused(
    call: Caller, forge: Forge, changed: dict[str, Any], code: str
) -> None:
    assert_refused(call(with_claims(forge, changed)), code)


def test_an_exp_that_is_not_a_number_is_refused(call: Caller, forge: Forge) -> None:
    for exp in (float("nan"), float("inf"), float("-inf")):
        assert_refused(call(with_claims(forge, {"exp": exp})), "malformed_token")


@pytest.mark.parametrize(
    "changed",
    [
        {"iat": NOW + 30},
        {"nbf": NOW - 5},
        {"nbf": NOW + 30},
        {"iat": NOW - 0.25, "exp": NOW + 900.75},
        {"exp": NOW + 24 * HOUR},
    ],
)
def test_clocks_may_differ_a_little_and_tokens_live_a_day(
    call: Caller, forge: Forge, changed: dict[str, Any]
) -> None:
    assert call(with_claims(forge, changed)).status_code == 200


def test_a_token_is_refused_from_the_second_it_expires(call: Caller, forge: Forge) -> None:
    exp = int(time.time()) + 2
    token = with_claims(forge, {"exp": exp})
    assert call(token).status_code == 200

    time.sleep(exp - time.time() + 0.01)

    assert_refused(call(token), "token_expired")


@pytest.mark.parametrize(
    ("issuer", "code"),
    [
        (WITHOUT, "missing_claim"),
        (1, "wrong_issuer"),
        ([ISSUER], "wrong_issuer"),
        ({ISSUER: 1}, "wrong_issuer"),
        ("", "wrong_issuer"),
        ("h", "wrong_issuer"),
        (ISSUER[:-1], "wrong_issuer"),
        (ISSUER + "\n", "wrong_issuer"),
        (ISSUER + " ", "wrong_issuer"),
        (ISSUER + "/", "wrong_issuer"),
        (ISSUER + "#", "wrong_issuer"),
        (ISSUER.upper(), "wrong_issuer"),
        (ISSUER.replace("https", "http"), "wrong_issuer"),
        (ISSUER.replace(".com/", ".com/./"), "wrong_issuer"),
        (ISSUER.replace(".com/", ".com.evil.example/"), "wrong_issuer"),
        (ISSUER.replace("TestPool1", "OtherPool"), "wrong_issuer"),
        (ISSUER.replace("eu-west-1.", "us-east-1."), "wrong_issuer"),
    ],
)
def test_another_issuer_is_refused(call: Caller, forge: Forge, issuer: object, code: str) -> None:
    assert_refused(call(with_claims(forge, {"iss": issuer})), code)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"client_id": WITHOUT}, "missing_claim"),
        ({"client_id": WITHOUT, "aud": CLIENT}, "missing_claim"),
        ({"client_id": "another"}, "wrong_client"),
        ({"client_id": CLIENT.upper()}, "wrong_client"),
        ({"client_id": CLIENT + "a"}, "wrong_client"),
        ({"client_id": CLIENT[:-1]}, "wrong_client"),
        ({"client_id": ""}, "wrong_client"),
        ({"client_id": None}, "wrong_client"),
        ({"client_id": 7}, "wrong_client"),
        ({"client_id": [CLIENT]}, "wrong_client"),
        ({"client_id": {CLIENT: 1}}, "wrong_client"),
        ({"client_id": "another", "aud": CLIENT}, "wrong_client"),
    ],
)
def test_another_clients_access_token_is_refused(
    call: Caller, forge: Forge, changed: dict[str, Any], code: str
) -> None:
    assert_refused(call(with_claims(forge, changed)), code)


@pytest.mark.parametrize(
    ("token_use", "code"),
    [
        (WITHOUT, "missing_claim"),
        ("ACCESS", "wrong_token_use"),
        ("access ", "wrong_token_use"),
        ("id", "wrong_token_use"),
        ("refresh", "wrong_token_use"),
        ("", "wrong_token_use"),
        (None, "wrong_token_use"),
        (True, "wrong_token_use"),
        (["access"], "wrong_token_use"),
        ({"access": True}, "wrong_token_use"),
    ],
)
def test_another_use_is_refused(call: Caller, forge: Forge, token_use: object, code: str) -> None:
    assert_refused(call(with_claims(forge, {"token_use": token_use})), code)


@pytest.mark.parametrize(
    "changed", [{}, {"aud": [CLIENT, "another"]}, {"token_use": "access"}, {"aud": "another"}]
)
def test_an_id_token_is_refused_however_it_is_relabelled(
    call: Caller, forge: Forge, changed: dict[str, Any]
) -> None:
    code = "missing_claim" if "token_use" in changed else "wrong_token_use"

    assert_refused(call(forge.token(id_claims(**changed))), code)


@pytest.mark.parametrize("sub", NO_NAMES)
def test_a_token_that_does_not_say_for_whom_is_refused(
    call: Caller, forge: Forge, sub: object
) -> None:
    assert_refused(call(with_claims(forge, {"sub": sub})), "invalid_claim")


def test_a_token_for_nobody_is_refused(call: Caller, forge: Forge) -> None:
    assert_refused(call(with_claims(forge, {"sub": WITHOUT})), "missing_claim")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("username", "x" * 3000),
        ("username", ""),
        ("username", {}),
        ("username", "a\0b"),
        ("origin_jti", ["x"]),
    ],
)
def test_an_identifier_of_the_wrong_form_is_refused(
    call: Caller, forge: Forge, name: str, value: object
) -> None:
    assert_refused(call(with_claims(forge, {name: value})), "invalid_claim")


@pytest.mark.parametrize("email", [{}, [], 7, None, "not an address", "x" * 3000])
def test_an_odd_label_is_nobodys_business(call: Caller, forge: Forge, email: object) -> None:
    assert call(with_claims(forge, {"email": email})).status_code == 200


def test_names_of_any_script_come_back_as_they_are(call: Caller, forge: Forge) -> None:
    name = "Ада-\U0001f600-ﬁ"

    assert body_of(call(with_claims(forge, {"username": name})))["username"] == name


def test_privileges_in_other_claims_are_none(call: Caller, forge: Forge) -> None:
    claims = {"is_staff": True, "Cognito:Groups": ["operators"], "groups": ["operators"]}

    assert body_of(call(with_claims(forge, claims)))["groups"] == []
