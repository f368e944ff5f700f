"""The exchange of a caller's token, against a pool whose answers the tests set."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from cognito import errors
from cognito.app_client import AppClient
from cognito.testing import WITHOUT, TokenFactory
from cognito.testing.token_factory import CLIENT_ID
from cognito.tokens.verifier import TokenVerifier
from cognito.user_pool.aws_clients import AWSClients
from cognito.user_pool.service import PoolService
from cognito.user_pool.token_exchange import DerivedToken, DerivedTokenCache, TokenExchange
from tests.support.clock import ManualClock
from tests.support.pool_stub import PoolStub
from tests.support.provider.server import Server

BILLING = "https://billing.example.com"
SECRET = "the-client-secret-of-this-service"
SCOPES = frozenset({"api/read", "billing/read"})
OPERATION = "GetDerivedToken"


@dataclass
class Exchanges:
    """An exchange, with the pool at its other end."""

    exchange: TokenExchange
    stub: PoolStub
    factory: TokenFactory
    clock: ManualClock
    answers: dict[str, Any] = field(default_factory=dict)

    def caller(self, **claims: Any) -> str:
        return self.factory.access({"scope": "openid api/read billing/read"} | claims)

    def issues(self, *, members: dict[str, Any] | None = None, **claims: Any) -> str:
        """Let the pool answer with a token, and return the token."""
        derived = {"aud": BILLING, "scope": "api/read billing/read"} | claims
        token = self.factory.access(derived)
        answer = {
            "IssuedToken": token,
            "IssuedTokenType": "ACCESS_TOKEN",
            "TokenType": "Bearer",
            "ExpiresIn": 900,
            "Scopes": str(derived["scope"]).split(),
        }
        self.stub.answer(OPERATION, answer | (members or {}))
        return token

    def derive(self, token: str | None = None, **options: Any) -> DerivedToken:
        options = {"audience": BILLING, "scopes": SCOPES} | options
        return self.exchange.derived_token(token or self.caller(), **options)

    @property
    def calls(self) -> list[dict[str, Any]]:
        return self.stub.calls(OPERATION)


@pytest.fixture
def exchanges(
    cognito_server: Server,
    aws_clients: AWSClients,
    stub: PoolStub,
    token_verifier: TokenVerifier,
    token_factory: TokenFactory,
) -> Exchanges:
    clock = ManualClock(int(time.time()))
    exchange = TokenExchange(
        PoolService("eu-west-1", cognito_server.url, 2.0, clients=aws_clients),
        AppClient(CLIENT_ID, SECRET),
        token_verifier,
        DerivedTokenCache(clock=clock),
    )
    made = Exchanges(exchange, stub, token_factory, clock)
    made.issues()
    return made


def test_request_has_the_form_of_the_operation(exchanges: Exchanges) -> None:
    caller, actor = exchanges.caller(), exchanges.factory.machine(client_id=CLIENT_ID)
    exchanges.issues(act={"sub": CLIENT_ID})
    exchanges.derive(caller, actor_token=actor)

    (sent,) = exchanges.calls
    assert sent == {
        "ClientId": CLIENT_ID,
        "ClientSecret": SECRET,
        "SubjectToken": caller,
        "SubjectTokenType": "ACCESS_TOKEN",
        "ActorToken": actor,
        "ActorTokenType": "ACCESS_TOKEN",
        "RequestedTokenType": "ACCESS_TOKEN",
        "Scopes": ["api/read", "billing/read"],
        "Audiences": [BILLING],
    }
    model = botocore.session.get_session().get_service_model("cognito-idp")
    shape = model.operation_model(OPERATION).input_shape
    assert shape is not None
    report = ParamValidator().validate(sent, shape)
    assert not report.has_errors(), report.generate_report()
    assert [one.headers.get("Authorization") for one in exchanges.stub.received] == [None]


def test_public_client_sends_no_secret(exchanges: Exchanges) -> None:
    exchanges.exchange = replace(exchanges.exchange, app_client=AppClient(CLIENT_ID, ""))
    exchanges.derive()
    assert "ClientSecret" not in exchanges.calls[0]
    assert "ActorToken" not in exchanges.calls[0]


def test_token_is_returned_with_its_scopes_and_its_end(exchanges: Exchanges) -> None:
    token = exchanges.issues(scope="billing/read", exp=exchanges.clock.now + 600)
    derived = exchanges.derive()

    assert derived == DerivedToken(
        token, frozenset({"billing/read"}), int(exchanges.clock.now) + 600
    )
    assert token not in repr(derived)


# --- Scopes ---------------------------------------------------------------------------------------


def test_only_scopes_of_the_caller_are_asked_for(exchanges: Exchanges) -> None:
    exchanges.issues(scope="api/read")
    derived = exchanges.derive(
        exchanges.caller(scope="openid api/read"), scopes={"api/read", "api/write", "billing/read"}
    )
    assert exchanges.calls[0]["Scopes"] == ["api/read"]
    assert derived.scopes == {"api/read"}


@pytest.mark.parametrize("scope", ["openid", "", "billing/readers", WITHOUT])
def test_caller_without_any_of_the_scopes_gets_no_token(
    exchanges: Exchanges, scope: object
) -> None:
    with pytest.raises(errors.ScopeNotHeld):
        exchanges.derive(exchanges.caller(scope=scope), scopes={"billing/read"})
    assert exchanges.calls == []


@pytest.mark.parametrize("scopes", [set(), [], (), "billing/read", [f"s/{n}" for n in range(51)]])
def test_list_of_scopes_must_be_given(exchanges: Exchanges, scopes: Any) -> None:
    """Without scopes, Cognito would issue a token with all scopes of the caller."""
    with pytest.raises(ValueError, match="scopes"):
        exchanges.derive(scopes=scopes)


@pytest.mark.parametrize("audience", ["", "x" * 257])
def test_audience_must_be_given(exchanges: Exchanges, audience: str) -> None:
    with pytest.raises(ValueError, match="audience"):
        exchanges.derive(audience=audience)


# --- Answers that are refused ---------------------------------------------------------------------

WRONG: dict[str, Callable[[Exchanges], object]] = {
    "more scopes": lambda e: e.issues(scope="api/read billing/read billing/write"),
    "another audience": lambda e: e.issues(aud="https://other.example.com"),
    "a list of audiences": lambda e: e.issues(aud=[BILLING]),
    "no audience": lambda e: e.issues(aud=WITHOUT),
    "another user": lambda e: e.issues(sub="another"),
    "another client": lambda e: e.issues(client_id="another"),
    "expired": lambda e: e.issues(iat=1_000, exp=2_000),
    "malformed actor": lambda e: e.issues(act=[]),
    "an ID token": lambda e: e.issues(token_use="id"),
    "of the type of ID tokens": lambda e: e.issues(members={"IssuedTokenType": "ID_TOKEN"}),
    "no bearer token": lambda e: e.issues(members={"TokenType": "N_A"}),
    "no token": lambda e: e.issues(members={"IssuedToken": None}),
    "not a token": lambda e: e.issues(members={"IssuedToken": "a.b.c"}),
    "too long": lambda e: e.issues(members={"IssuedToken": "x" * 300_000}),
    "forged": lambda e: e.issues(members={"IssuedToken": e.issues()[:-8] + "AAAAAAAA"}),
    "empty answer": lambda e: e.stub.answer(OPERATION, {}),
    "HTML": lambda e: e.stub.misbehave(OPERATION, "html"),
}


@pytest.mark.parametrize("name", WRONG)
def test_answer_that_is_not_what_was_asked_for_is_refused(name: str, exchanges: Exchanges) -> None:
    WRONG[name](exchanges)
    for _ in range(2):
        with pytest.raises(errors.MalformedAnswer):
            exchanges.derive()
    assert len(exchanges.calls) == 2
    assert len(exchanges.exchange.cache) == 0


def test_actor_must_be_in_the_token_if_it_was_sent(exchanges: Exchanges) -> None:
    actor = exchanges.factory.machine(client_id=CLIENT_ID)
    with pytest.raises(errors.MalformedAnswer):
        exchanges.derive(actor_token=actor)


@pytest.mark.parametrize(
    ("act", "is_kept"),
    [
        ({"sub": "agent"}, True),
        ({"sub": "service", "act": {"sub": "agent"}}, True),
        (WITHOUT, False),
        ({"sub": "service"}, False),
        ({"sub": "agent", "act": {"sub": "service"}}, False),
    ],
)
def test_exchange_never_hides_the_actor_of_the_caller(
    exchanges: Exchanges, act: object, is_kept: bool
) -> None:
    caller = exchanges.caller(act={"sub": "agent"})
    token = exchanges.issues(act=act)
    if is_kept:
        assert exchanges.derive(caller).access_token == token
    else:
        with pytest.raises(errors.MalformedAnswer):
            exchanges.derive(caller)


# --- Errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        ("NotAuthorizedException", errors.NotAuthorized),
        ("UserNotFoundException", errors.UserNotFound),
        ("InvalidParameterException", errors.ClientRefused),
        ("ResourceNotFoundException", errors.ClientRefused),
        ("OperationNotEnabledException", errors.ClientRefused),
        ("ForbiddenException", errors.ClientRefused),
        ("UnexpectedLambdaException", errors.ClientRefused),
        ("InvalidLambdaResponseException", errors.ClientRefused),
        ("UserLambdaValidationException", errors.RefusedByTrigger),
        ("TooManyRequestsException", errors.Throttled),
        ("InternalErrorException", errors.CognitoUnavailable),
        ("UnknownOperationException", errors.OperationNotSupported),
    ],
)
def test_errors_of_the_operation_are_translated(
    exchanges: Exchanges, exception: str, expected: type[errors.CognitoError]
) -> None:
    exchanges.stub.refuse(OPERATION, exception)
    with pytest.raises(errors.CognitoError) as caught:
        exchanges.derive()
    assert type(caught.value) is expected


def test_every_error_of_the_model_is_in_the_table_above() -> None:
    model = botocore.session.get_session().get_service_model("cognito-idp")
    table = test_errors_of_the_operation_are_translated.pytestmark[0].args[1]  # type: ignore[attr-defined] # a mark
    assert {one.name for one in model.operation_model(OPERATION).error_shapes} <= dict(table).keys()


def test_client_that_does_not_allow_the_exchange_is_logged_for_the_deployer(
    exchanges: Exchanges, caplog: pytest.LogCaptureFixture
) -> None:
    message = "ALLOW_TOKEN_EXCHANGE_IMPERSONATION flow is not enabled for this client"
    for exception in ("NotAuthorizedException", "InvalidParameterException"):
        caplog.clear()
        exchanges.stub.refuse(OPERATION, exception, message)
        with pytest.raises(errors.ClientRefused):
            exchanges.derive()
        assert "ExplicitAuthFlows" in caplog.text


def test_token_that_the_api_would_refuse_is_not_exchanged(exchanges: Exchanges) -> None:
    for claims in ({"client_id": "another"}, {"aud": BILLING}, {"exp": 5, "iat": 1}):
        with pytest.raises(errors.TokenError):
            exchanges.derive(exchanges.caller(**claims))
    with pytest.raises(errors.TokenError):
        exchanges.derive(exchanges.factory.id_token())
    assert exchanges.calls == []


def test_no_token_is_in_a_log_or_an_error(
    exchanges: Exchanges, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caller = exchanges.caller()
    told = ""
    for make in WRONG.values():
        make(exchanges)
        with pytest.raises(errors.MalformedAnswer) as caught:
            exchanges.derive(caller)
        told += f"{caught.value!r} {vars(caught.value)}"
    told += caplog.text
    assert "refused" in told
    assert not any(part in told for part in (*caller.split(".")[1:], SECRET))


# --- The cache ------------------------------------------------------------------------------------


def test_token_is_asked_for_once_until_shortly_before_it_expires(exchanges: Exchanges) -> None:
    caller, now = exchanges.caller(), exchanges.clock.now
    first = exchanges.issues(exp=now + 600)
    assert exchanges.derive(caller).access_token == first
    second = exchanges.issues(exp=now + 900)

    exchanges.clock.now = now + 540
    assert exchanges.derive(caller).access_token == first
    assert exchanges.derive(caller, scopes=[*SCOPES, "other/read"]).access_token == first
    exchanges.clock.now = now + 541
    assert exchanges.derive(caller).access_token == second
    assert len(exchanges.calls) == 2


def test_cached_token_belongs_to_one_caller_audience_and_list_of_scopes(
    exchanges: Exchanges,
) -> None:
    caller = exchanges.caller()
    exchanges.derive(caller)
    exchanges.derive(exchanges.caller())
    exchanges.issues(scope="api/read")
    assert exchanges.derive(caller, scopes={"api/read"}).scopes == {"api/read"}
    exchanges.issues(aud="https://other.example.com")
    exchanges.derive(caller, audience="https://other.example.com")
    exchanges.issues(act={"sub": "service"})
    exchanges.derive(caller, actor_token=exchanges.factory.machine(client_id=CLIENT_ID))
    assert len(exchanges.calls) == len(exchanges.exchange.cache) == 5


def test_token_that_is_about_to_expire_is_used_once(exchanges: Exchanges) -> None:
    exchanges.issues(exp=exchanges.clock.now + 59)
    caller = exchanges.caller()
    exchanges.derive(caller)
    exchanges.derive(caller)
    assert len(exchanges.calls) == 2


def test_cache_is_bounded_and_holds_no_token_of_a_caller() -> None:
    cache = DerivedTokenCache(size=3, clock=lambda: 0.0)
    tokens = [DerivedToken(f"token-{number}", frozenset(), 900) for number in range(5)]
    for number in range(3):
        cache.put(bytes([number]), tokens[number])
    # The first is now the one that was used last.
    assert cache.get(b"\0") == tokens[0]
    for number in range(3, 5):
        cache.put(bytes([number]), tokens[number])
    assert [cache.get(bytes([number])) for number in range(5)] == [
        tokens[0], None, None, tokens[3], tokens[4],
    ]  # fmt: skip
    assert len(cache) == 3
    cache.put(b"long", DerivedToken("x" * 16_385, frozenset(), 900))
    assert cache.get(b"long") is None


def test_keys_of_the_cache_are_digests(exchanges: Exchanges) -> None:
    caller = exchanges.caller()
    exchanges.derive(caller)
    keys = vars(exchanges.exchange.cache)["_tokens"]
    assert [len(key) for key in keys] == [32]
    assert caller not in repr(exchanges.exchange)
