from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from cognito.testing import WITHOUT, TokenFactory
from tests.support.answers import assert_problem, body_of, challenge
from tests.support.caller import Caller
from tests.support.tokens import SUB, with_signature

pytestmark = [pytest.mark.usefixtures("known_keys"), pytest.mark.urls("tests.api.urls")]

OPERATORS = "/api/v1/operators"
READERS = "/api/v1/readers"
PEOPLE = "/api/v1/people"


@pytest.fixture(autouse=True)
def _further_clients(settings: Settings) -> None:
    settings.COGNITO_API_CLIENT_IDS = frozenset({"robot1", "partner1"})


@pytest.mark.parametrize("groups", [["operators"], ["owners"], ["a", "operators", "z"]])
def test_member_of_the_group_has_access(
    call: Caller, tokens: TokenFactory, groups: list[str]
) -> None:
    response = call(tokens.access({"cognito:groups": groups}), OPERATORS)

    assert (response.status_code, body_of(response)) == (200, {"pk": SUB})


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"cognito:groups": []},
        {"cognito:groups": None},
        {"cognito:groups": "operators"},
        {"cognito:groups": '["operators"]'},
        {"cognito:groups": {"operators": True}},
        {"cognito:groups": [["operators"]]},
        {"cognito:groups": [None, None]},
        {"cognito:groups": ["operators", None]},
        {"cognito:groups": ["Operators"]},
        {"cognito:groups": ["OPERATORS"]},
        {"cognito:groups": ["operators2", "oper", "the operators"]},
        {"cognito:groups": ["operators "]},
        {"cognito:groups": ["operators\n"]},
        {"cognito:groups": ["operators\0"]},
        {"cognito:groups": ["*"]},
        {"cognito:groups": ["\u043eperators"]},
        {"cognito:groups": ["\uff4fperators"]},
        {"cognito:groups": ["operators,owners"]},
        {"cognito:roles": ["operators"]},
        {"cognito:preferred_role": "operators"},
        {"Cognito:Groups": ["operators"]},
        {"groups": ["operators"]},
        {"custom:is_staff": "true"},
        {"is_staff": True, "is_superuser": True},
        {"scope": "operators"},
    ],
)
def test_user_outside_the_group_is_refused(
    call: Caller, tokens: TokenFactory, changed: dict[str, Any]
) -> None:
    response = call(tokens.access(**changed), OPERATORS)

    assert_problem(response, 403, "not_in_group")
    assert "WWW-Authenticate" not in response


def test_machine_client_is_not_in_the_group(call: Caller, tokens: TokenFactory) -> None:
    assert_problem(call(tokens.machine(client_id="robot1"), OPERATORS), 403, "not_in_group")


@pytest.mark.parametrize(
    ("path", "scope"), [(OPERATORS, ""), (READERS, 'scope="api/read"'), (PEOPLE, "")]
)
def test_request_without_a_token_gets_401_with_the_scope_to_ask_for(
    call: Caller, path: str, scope: str
) -> None:
    response = call(path=path)

    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == challenge(scope)


@pytest.mark.parametrize("path", [OPERATORS, READERS, PEOPLE])
def test_request_with_an_invalid_token_gets_401_instead_of_403(
    call: Caller, tokens: TokenFactory, path: str
) -> None:
    response = call(with_signature(tokens.access(), b"x"), path)

    assert_problem(response, 401, "bad_signature")


@pytest.mark.parametrize("scope", ["api/read", "openid api/read", "api/write api/read"])
def test_machine_client_with_the_scope_has_access(
    call: Caller, tokens: TokenFactory, scope: str
) -> None:
    response = call(tokens.machine(client_id="robot1", scope=scope), READERS)

    assert (response.status_code, body_of(response)) == (200, {"pk": "robot1"})


@pytest.mark.parametrize(
    "scope",
    [
        WITHOUT,
        "",
        "api/write",
        "api/reader",
        "API/READ",
        "api/rea",
        "other-api/read",
        "api/read,openid",
        "openid\tapi/read",
        "openid\u00a0api/read",
        "*",
        ["api/read"],
        {"api/read": True},
        None,
    ],
)
def test_refusal_of_a_machine_client_names_the_missing_scope(
    call: Caller, tokens: TokenFactory, scope: object
) -> None:
    response = call(tokens.machine({"scope": scope}, client_id="robot1"), READERS)

    assert_problem(response, 403, "insufficient_scope")
    assert response["WWW-Authenticate"] == challenge('error="insufficient_scope", scope="api/read"')


def test_user_of_a_first_party_client_needs_no_scope(call: Caller, tokens: TokenFactory) -> None:
    assert call(tokens.access(scope="openid"), READERS).status_code == 200


def test_user_of_another_client_needs_the_scope(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    without = tokens.access(client_id="partner1", scope="openid")
    with_scope = tokens.access(client_id="partner1", scope="openid api/read")

    assert_problem(call(without, READERS), 403, "insufficient_scope")
    assert call(with_scope, READERS).status_code == 200

    settings.COGNITO_FIRST_PARTY_CLIENT_IDS = frozenset({"partner1"})
    assert call(without, READERS).status_code == 200


def test_machine_token_of_a_first_party_client_needs_the_scope(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    client_id = settings.COGNITO_CLIENT_ID

    response = call(tokens.machine(client_id=client_id, scope="other/thing"), READERS)

    assert_problem(response, 403, "insufficient_scope")


def test_id_token_of_another_client_has_no_scope(
    call: Caller, tokens: TokenFactory, settings: Settings
) -> None:
    settings.COGNITO_API_TOKEN_USES = frozenset({"access", "id"})
    theirs = tokens.id_token(aud="partner1", scope="api/read")

    assert_problem(call(theirs, READERS), 403, "insufficient_scope")
    assert call(tokens.id_token(), READERS).status_code == 200


def test_only_users_have_access_to_views_for_users(call: Caller, tokens: TokenFactory) -> None:
    assert call(tokens.access(), PEOPLE).status_code == 200
    assert_problem(call(tokens.machine(client_id="robot1"), PEOPLE), 403, "user_required")


def test_user_without_a_user_name_is_no_machine_client(call: Caller, tokens: TokenFactory) -> None:
    token = tokens.access(username=WITHOUT, scope="openid")

    assert call(token, PEOPLE).status_code == 200
