"""A user pool's JSON API that answers what a test tells it to: refusals, challenges, nonsense.

MiniStack is the pool wherever it can do what is tested; it has no lockouts, rotation, outages or
odd answers.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import Message
from typing import Any

from cognito.testing import TokenFactory
from tests.support.provider.server import Reply
from tests.support.provider.wire import HTTPAnswer, is_wire_fault

TARGET_PREFIX = "AWSCognitoIdentityProviderService."
DELIVERY = {"CodeDeliveryDetails": {"Destination": "a***@e***", "DeliveryMedium": "EMAIL"}}

# Answers with status 200 that are no success, whatever boto3 makes of them.
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
    """One call as it came."""

    operation: str
    parameters: dict[str, Any]
    headers: Message


@dataclass(frozen=True)
class Told:
    """What the next calls of one operation get."""

    status: int
    body: bytes
    wire_fault: str = ""


# What the application asks about an operator before it lets them write.
OPERATOR_CHECKS = frozenset({"AdminGetUser", "AdminListGroupsForUser"})


class PoolStub:
    """Succeeds at everything until it is told otherwise, one operation at a time.

    Attributes:
        operators: enabled users by `sub`, with their groups at the time of a call. They are no
            concern of `answer` and its like, and calls about them are in `checks`, not `received`.
        operator_members: more members of what AdminGetUser answers about an operator.
        operator_fault: what the calls about operators run into; a fault of `provider.wire`.
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
        self.answer("SignUp", {"UserConfirmed": False, "UserSub": str(uuid.uuid4())} | DELIVERY)
        self.answer("AdminGetUser", user("CONFIRMED", sub=factory.sub))
        self.answer("ResendConfirmationCode", DELIVERY)
        self.answer("ForgotPassword", DELIVERY)
        for operation in ("InitiateAuth", "RespondToAuthChallenge"):
            self.answer(operation, self.tokens())
        self.answer("GetTokensFromRefreshToken", self.tokens(with_refresh_token=False))

    def tokens(self, *, with_refresh_token: bool = True, **claims: Any) -> dict[str, Any]:
        """An answer with tokens; each is a secret from now on."""
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
        """Five parts, as Cognito's have."""
        token = ".".join(uuid.uuid4().hex * 3 for _ in range(5))
        self.secrets.append(token)
        return token

    def answer(self, operation: str, members: object) -> None:
        """From now on it succeeds with these members."""
        self._told[operation] = Told(200, json.dumps(members).encode())

    def answer_once(self, operation: str, members: object) -> None:
        """The next call gets these, those after it what was told before."""
        self._told_once.setdefault(operation, []).append(Told(200, json.dumps(members).encode()))

    def refuse(self, operation: str, exception: str, message: str = "It holds 1 secret.") -> None:
        self._told[operation] = _refusal(exception, message)

    def refuse_once(self, operation: str, exception: str, message: str = "Once.") -> None:
        """The next call is refused, those after it get what was told before."""
        self._told_once.setdefault(operation, []).append(_refusal(exception, message))

    def misbehave(self, operation: str, fault: str) -> None:
        """One of EMPTY_SUCCESSES, or a fault of tests.support.provider.wire."""
        if is_wire_fault(fault):
            told = self._told.get(operation, Told(200, b"{}"))
            self._told[operation] = Told(told.status, told.body, fault)
        else:
            self._told[operation] = Told(200, EMPTY_SUCCESSES[fault])

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


def user(status: str, *, sub: str) -> dict[str, Any]:
    """A user as AdminGetUser describes them."""
    return {
        "Username": sub,
        "Enabled": True,
        "UserStatus": status,
        "UserAttributes": [{"Name": "sub", "Value": sub}],
    }


def challenge(name: str, **parameters: str) -> dict[str, Any]:
    """An answer that wants more. The session is 200 characters long, as real ones are longer."""
    return {
        "ChallengeName": name,
        "Session": uuid.uuid4().hex * 7,
        "ChallengeParameters": {"USER_ID_FOR_SRP": "the-pools-own-name"} | parameters,
    }
