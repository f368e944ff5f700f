"""What the API answers to a token that it refuses: one case for each code.

`tests/cognito/tokens` tests which tokens are refused, and why.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from cognito.testing import WITHOUT, TokenFactory
from tests.support.answers import assert_problem, assert_refused, body_of
from tests.support.caller import Caller
from tests.support.tokens import SECOND_KEY, with_signature

pytestmark = pytest.mark.usefixtures("known_keys")

NOW = int(time.time())
HOUR = 3600

REFUSED: dict[str, Callable[[TokenFactory], str]] = {
    "malformed_token": lambda f: f.access().rpartition(".")[0],
    "unsupported_algorithm": lambda f: f.access(header={"alg": "none"}),
    "bad_signature": lambda f: with_signature(f.access(), bytes(256)),
    "missing_claim": lambda f: f.access(sub=WITHOUT),
    "invalid_claim": lambda f: f.access(sub=" "),
    "wrong_issuer": lambda f: f.access(iss=f"{f.issuer}/"),
    "wrong_client": lambda f: f.access(client_id="another"),
    "wrong_token_use": lambda f: f.id_token(),
    "token_expired": lambda f: f.access(exp=NOW),
    "token_not_yet_valid": lambda f: f.access(iat=NOW + HOUR, exp=NOW + 2 * HOUR),
    "lifetime_too_long": lambda f: f.access(exp=NOW + 25 * HOUR),
}


@pytest.mark.parametrize("code", REFUSED)
def test_refused_token_is_answered_with_the_code_of_the_reason(
    call: Caller, tokens: TokenFactory, code: str
) -> None:
    assert_refused(call(REFUSED[code](tokens)), code)


def test_second_key_of_the_pool_verifies_tokens_too(call: Caller, tokens: TokenFactory) -> None:
    tokens.key = SECOND_KEY

    assert call(tokens.access()).status_code == 200


def test_name_of_any_script_is_answered_unchanged(call: Caller, tokens: TokenFactory) -> None:
    name = "Ада-\U0001f600-ﬁ"

    assert body_of(call(tokens.access(username=name)))["username"] == name


def test_user_in_too_many_groups_is_told_why_the_token_is_refused(
    call: Caller, tokens: TokenFactory
) -> None:
    groups = [f"{number:0128}" for number in range(100)]
    problem = assert_problem(
        call(tokens.access({"cognito:groups": groups})), 401, "malformed_token"
    )
    assert "too many groups" in problem["detail"]
