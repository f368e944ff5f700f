"""A view that calls another service with a token which is derived from the caller's."""

from __future__ import annotations

from typing import Any

import pytest

from cognito.errors import TokenExpired
from cognito.testing import TokenFactory
from cognito.tokens.claims import Claims
from cognito.tokens.verifier import TokenVerifier
from tests.support.answers import assert_problem, assert_refused, body_of
from tests.support.caller import Caller
from tests.support.pool_stub import PoolStub

pytestmark = pytest.mark.urls("tests.api.urls")

DERIVED = "/api/v1/derived"
OPERATION = "GetDerivedToken"


@pytest.fixture
def caller(tokens: TokenFactory) -> str:
    return tokens.access(scope="openid billing/read")


def issue(stub: PoolStub, **claims: Any) -> str:
    derived = {"aud": "https://billing.example.com", "scope": "billing/read"} | claims
    token = stub.factory.access(derived)
    stub.secrets.append(token)
    stub.answer(
        OPERATION,
        {"IssuedToken": token, "IssuedTokenType": "ACCESS_TOKEN", "TokenType": "Bearer"},
    )
    return token


def test_derived_token_is_kept_for_later_requests(
    stub: PoolStub, call: Caller, caller: str
) -> None:
    issue(stub)
    for _ in range(2):
        assert body_of(call(caller, DERIVED)) == ["billing/read"]
    assert len(stub.calls(OPERATION)) == 1


def test_derived_token_is_not_accepted_by_this_api(
    stub: PoolStub, call: Caller, caller: str
) -> None:
    token = issue(stub)
    assert call(caller, DERIVED).status_code == 200
    assert_refused(call(token, DERIVED), "wrong_audience")


def test_missing_scope_is_named(stub: PoolStub, call: Caller, tokens: TokenFactory) -> None:
    response = call(tokens.access(), DERIVED)

    assert_problem(response, 403, "insufficient_scope")
    assert 'scope="billing/read"' in response["WWW-Authenticate"]
    assert stub.calls(OPERATION) == []


REFUSALS = {
    "NotAuthorizedException": (401, "token_revoked"),
    "UserNotFoundException": (401, "token_revoked"),
    "TooManyRequestsException": (429, "throttled"),
    "OperationNotEnabledException": (503, "client_refused"),
    "InternalErrorException": (503, "cognito_unavailable"),
}


@pytest.mark.parametrize("exception", REFUSALS)
def test_errors_have_the_form_of_the_api(
    stub: PoolStub, call: Caller, caller: str, exception: str
) -> None:
    stub.refuse(OPERATION, exception)
    assert_problem(call(caller, DERIVED), *REFUSALS[exception])


def test_token_that_expires_before_its_exchange_is_refused(
    stub: PoolStub, call: Caller, caller: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = TokenVerifier.verify
    verdicts: list[Claims] = []

    def once(verifier: TokenVerifier, *args: Any, **options: Any) -> Claims:
        if verdicts:
            raise TokenExpired
        verdicts.append(verify(verifier, *args, **options))
        return verdicts[0]

    monkeypatch.setattr(TokenVerifier, "verify", once)
    assert_refused(call(caller, DERIVED), "token_expired")
    assert stub.calls(OPERATION) == []


def test_wrong_answer_is_an_outage(stub: PoolStub, call: Caller, caller: str) -> None:
    issue(stub, scope="billing/write")
    assert_problem(call(caller, DERIVED), 503, "malformed_answer")
