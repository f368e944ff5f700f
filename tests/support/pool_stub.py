"""The JSON API of a user pool with the responses that a test sets.

Tests use it only for what MiniStack lacks: lockouts, rotation, outages and malformed responses.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any

import pytest
from pytest_django import Settings

from cognito.testing import TokenFactory
from infra.local.ministack import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from tests.support.caller import Caller
from tests.support.provider.server import Reply, Server
from tests.support.provider.wire import HTTPAnswer, is_wire_fault

TARGET_PREFIX = "AWSCognitoIdentityProviderService."
EMAIL = "ada@example.com"
SECRET_CODE = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DELIVERY = {"CodeDeliveryDetails": {"Destination": "a***@e***", "DeliveryMedium": "EMAIL"}}

# Responses with status 200 that lack the members of a success.
EMPTY_SUCCESSES = {
    "html": b"<!doctype html><title>503</title>",
    "empty": b"",
    "array": b"[]",
    "null": b"null",
    "number": b"5",
    "twice": b'{"Session":"x","Session":"y"}',
    "utf16": "{}".encode("utf-16"),
}


@dataclass(frozen=True)
class Call:
    """A received call."""

    operation: str
    parameters: dict[str, Any]
    headers: Message


@dataclass(frozen=True)
class Told:
    """The response to the next calls of one operation."""

    status: int
    body: bytes
    wire_fault: str = ""


REFUSAL = "Pool eu-west-1_TestPool1 refuses Ada."
# The operations by which the application checks the rights of an operator before each change.
OPERATOR_CHECKS = frozenset({"AdminGetUser", "AdminListGroupsForUser"})


class PoolStub:
    """A pool API whose operations succeed until a test sets another response.

    Attributes:
        operators: enabled users by `sub`, with a function that returns their groups. Calls about
            them are in `checks`, not in `received`, and the set responses do not apply to them.
        operator_members: additional members of AdminGetUser's response about an operator.
        operator_fault: the fault of calls about operators, from `provider.wire`.
    """

    def __init__(self, factory: TokenFactory) -> None:
        self.factory = factory
        self.received: list[Call] = []
        self.checks: list[Call] = []
        self.operators: dict[str, Callable[[], Iterable[str]]] = {}
        self.operator_members: dict[str, Any] = {}
        self.operator_fault = ""
        self.secrets: list[str] = []
        self._lock = threading.Lock()
        self._told: dict[str, Told] = {}
        self._told_once: dict[str, list[Told]] = {}
        self.recover()

    def recover(self) -> None:
        """Let all further calls succeed."""
        self._told.clear()
        for operation, members in {
            "SignUp": {"UserConfirmed": False, "UserSub": str(uuid.uuid4())} | DELIVERY,
            "AdminGetUser": user(sub=self.factory.sub),
            "ResendConfirmationCode": DELIVERY,
            "ForgotPassword": DELIVERY,
            "InitiateAuth": self.tokens(),
            "RespondToAuthChallenge": self.tokens(),
            "GetTokensFromRefreshToken": self.tokens(with_refresh_token=False),
            "GetUser": user(sub=self.factory.sub, email=EMAIL, email_verified="true"),
            "UpdateUserAttributes": {"CodeDeliveryDetailsList": []},
            "AssociateSoftwareToken": {"SecretCode": SECRET_CODE},
            "VerifySoftwareToken": {"Status": "SUCCESS"},
            "ListWebAuthnCredentials": {"Credentials": []},
            "StartWebAuthnRegistration": {"CredentialCreationOptions": {"challenge": "YQ"}},
            "GetUserAuthFactors": {"ConfiguredUserAuthFactors": ["PASSWORD", "WEB_AUTHN"]},
        }.items():
            self.answer(operation, members)

    def tokens(self, *, with_refresh_token: bool = True, **claims: Any) -> dict[str, Any]:
        """Return a response with tokens, and record them as secrets."""
        result: dict[str, Any] = {
            "AccessToken": self.factory.access(**claims),
            "IdToken": self.factory.id_token(),
            "ExpiresIn": 900,
            "TokenType": "Bearer",
        }
        if with_refresh_token:
            result["RefreshToken"] = self.new_refresh_token()
        self.secrets += [result["AccessToken"], result["IdToken"]]
        return {"AuthenticationResult": result}

    def new_refresh_token(self) -> str:
        """Return a refresh token of five parts, like those of Cognito."""
        token = ".".join(uuid.uuid4().hex * 3 for _ in range(5))
        self.secrets.append(token)
        return token

    def answer(self, operation: str, members: object) -> None:
        """Let further calls of the operation succeed with these members."""
        self._told[operation] = Told(200, json.dumps(members).encode())

    def answer_once(self, operation: str, members: object) -> None:
        """Let only the next call of the operation succeed with these members."""
        self._told_once.setdefault(operation, []).append(Told(200, json.dumps(members).encode()))

    def refuse(self, operation: str, exception: str, message: str = REFUSAL) -> None:
        self._told[operation] = _refusal(exception, message)

    def refuse_once(self, operation: str, exception: str, message: str = "Once.") -> None:
        """Refuse only the next call of the operation."""
        self._told_once.setdefault(operation, []).append(_refusal(exception, message))

    def tell(self, operation: str, answer: dict[str, Any] | str) -> None:
        """Set the members, the exception or the fault of the next responses."""
        if isinstance(answer, dict):
            self.answer(operation, answer)
        elif answer.endswith("Exception"):
            self.refuse(operation, answer)
        else:
            self.misbehave(operation, answer)

    def misbehave(self, operation: str, fault: str) -> None:
        """Respond with one of EMPTY_SUCCESSES, or with a fault of `provider.wire`."""
        if is_wire_fault(fault):
            told = self._told.get(operation, Told(200, b"{}"))
            self._told[operation] = Told(told.status, told.body, fault)
        else:
            self._told[operation] = Told(200, EMPTY_SUCCESSES[fault])

    @property
    def operations(self) -> list[str]:
        """Return the operations of the received calls in order."""
        return [call.operation for call in self.received]

    def calls(self, operation: str) -> list[dict[str, Any]]:
        with self._lock:
            return [one.parameters for one in self.received if one.operation == operation]

    def __call__(
        self, _method: str, _path: str, _query: list[Any], headers: Message, body: bytes
    ) -> Reply:
        operation = headers.get("X-Amz-Target", "").removeprefix(TARGET_PREFIX)
        parameters = json.loads(body)
        if operation in OPERATOR_CHECKS and parameters["Username"] in self.operators:
            return self._operator(Call(operation, parameters, headers))
        with self._lock:
            self.received.append(Call(operation, parameters, headers))
            once = self._told_once.get(operation)
            told = once.pop(0) if once else self._told.get(operation, Told(200, b"{}"))
        answer = HTTPAnswer(told.status, told.body, {"Content-Type": "application/x-amz-json-1.1"})
        return Reply(answer, told.wire_fault)

    def _operator(self, call: Call) -> Reply:
        with self._lock:
            self.checks.append(call)
        sub = call.parameters["Username"]
        members: dict[str, Any] = {"Groups": [{"GroupName": one} for one in self.operators[sub]()]}
        if call.operation == "AdminGetUser":
            members = {
                "Username": sub,
                "UserStatus": "CONFIRMED",
                "Enabled": True,
                "UserAttributes": [{"Name": "sub", "Value": sub}],
                **self.operator_members,
            }
        content_type = {"Content-Type": "application/x-amz-json-1.1"}
        return Reply(
            HTTPAnswer(200, json.dumps(members).encode(), content_type), self.operator_fault
        )


def _refusal(exception: str, message: str) -> Told:
    status = 500 if exception == "InternalErrorException" else 400
    return Told(status, json.dumps({"__type": exception, "message": message}).encode())


def user(status: str = "CONFIRMED", *, sub: str, **attributes: str) -> dict[str, Any]:
    """Return a user as GetUser and AdminGetUser describe them."""
    every = {"sub": sub} | attributes
    return {
        "Username": sub,
        "Enabled": True,
        "UserStatus": status,
        "UserAttributes": [{"Name": name, "Value": value} for name, value in every.items()],
    }


def challenge(name: str, **parameters: str) -> dict[str, Any]:
    """Return a challenge. Its session is longer than 200 characters, like those of Cognito."""
    return {
        "ChallengeName": name,
        "Session": uuid.uuid4().hex * 7,
        "ChallengeParameters": {"USER_ID_FOR_SRP": "the-pools-own-name"} | parameters,
    }


@pytest.fixture
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the credentials of the application's role."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)


@pytest.fixture
def stub(
    *,
    cognito_server: Server,
    call: Caller,
    tokens: TokenFactory,
    known_keys: None,
    aws_credentials: None,
    settings: Settings,
) -> Iterator[PoolStub]:
    """Run the application with a pool whose responses the test sets."""
    stub = PoolStub(tokens)
    call.secrets += [settings.COGNITO_CLIENT_SECRET, *stub.secrets]
    stub.secrets = call.secrets
    settings.AWS_ENDPOINT_URL = cognito_server.url
    with cognito_server.serving(stub):
        yield stub
