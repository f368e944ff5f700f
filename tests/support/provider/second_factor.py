"""The operations of the user pool's JSON API for authenticator apps."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.provider.pool import Pool, Refused
from tests.support.totp import code_of

# Cognito also accepts the previous and the next code, because the clocks of phones differ.
TOLERATED_STEPS = (-1, 0, 1)


def _associate(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    person.totp_secret = base64.b32encode(secrets.token_bytes(20)).decode()
    return {"SecretCode": person.totp_secret}


def _verify(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    moments = [pool.clock() + 30 * steps for steps in TOLERATED_STEPS]
    if parameters["UserCode"] not in {code_of(person.totp_secret, at=at) for at in moments}:
        raise Refused("EnableSoftwareTokenMFAException")
    return {"Status": "SUCCESS"}


def _set_preference(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    person.has_totp = parameters["SoftwareTokenMfaSettings"]["Enabled"]
    return {}


OPERATIONS: dict[str, Callable[[Pool, Mapping[str, Any], str], dict[str, Any]]] = {
    "AssociateSoftwareToken": _associate,
    "VerifySoftwareToken": _verify,
    "SetUserMFAPreference": _set_preference,
}
