"""What the stub of the user pool answers about one person."""

from __future__ import annotations

from typing import Any

from tests.support.pool_stub import PoolStub
from tests.support.tokens import SUB

SECRET_CODE = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
EMAIL = "ada@example.com"


def user(**attributes: str) -> dict[str, Any]:
    """What GetUser says of somebody."""
    every = {"sub": SUB, "email": EMAIL, "email_verified": "true"} | attributes
    return {"UserAttributes": [{"Name": name, "Value": value} for name, value in every.items()]}


HONEST: dict[str, Any] = {
    "GetUser": user(),
    "UpdateUserAttributes": {"CodeDeliveryDetailsList": []},
    "VerifyUserAttribute": {},
    "ChangePassword": {},
    "AssociateSoftwareToken": {"SecretCode": SECRET_CODE},
    "VerifySoftwareToken": {"Status": "SUCCESS"},
    "SetUserMFAPreference": {},
    "DeleteUser": {},
}


def be_honest(stub: PoolStub) -> None:
    """From now on it does all that a person asks for."""
    for operation, members in HONEST.items():
        stub.answer(operation, members)


def tell(stub: PoolStub, operation: str, answer: dict[str, Any] | str) -> None:
    """From now on: an answer, or the name of an exception or of a fault."""
    if isinstance(answer, dict):
        stub.answer(operation, answer)
    elif answer.endswith("Exception"):
        stub.refuse(operation, answer, "Pool eu-west-1_TestPool1 says no to Ada.")
    else:
        stub.misbehave(operation, answer)


def operations(stub: PoolStub) -> list[str]:
    """The names of the calls so far, in order."""
    return [call.operation for call in stub.received]
