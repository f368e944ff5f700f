"""The operations of the user pool's JSON API for browser sessions and account pages.

Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.provider import (
    answer_faults,
    directory,
    id_token_faults,
    passkeys,
    second_factor,
    self_service,
    sessions,
)
from tests.support.provider.pool import Pool, Refused
from tests.support.provider.wire import HTTPAnswer

TARGET_PREFIX = "AWSCognitoIdentityProviderService."
ID_TOKEN_FAULTS = {**id_token_faults.REFUSED, **id_token_faults.ACCEPTED}

# Responses with status 200 that lack the members of a success.
EMPTY_SUCCESSES = {
    "html": b"<!doctype html><title>503</title>",
    "empty": b"",
    "array": b"[]",
    "no_result": b"{}",
    "null_result": b'{"AuthenticationResult":null}',
    "no_tokens": b'{"AuthenticationResult":{}}',
    "number": b"5",
}


def call(pool: Pool, operation: str, parameters: Mapping[str, Any], fault: str) -> HTTPAnswer:
    """Return the response of an operation. A fault that ends in `Exception` is the error."""
    if fault.endswith("Exception"):
        return _error(fault)
    try:
        answer = _OPERATIONS[operation](pool, parameters, fault)
    except Refused as error:
        return _error(error.name)
    except KeyError:
        return _error("UnknownOperationException")
    if fault in EMPTY_SUCCESSES:
        return HTTPAnswer(200, EMPTY_SUCCESSES[fault])
    return _json(200, answer)


def _error(name: str) -> HTTPAnswer:
    status = 500 if name == "InternalErrorException" else 400
    return _json(status, {"__type": name, "message": "The test has set this error."})


def _json(status: int, members: Any) -> HTTPAnswer:
    return HTTPAnswer(
        status, json.dumps(members).encode(), {"Content-Type": "application/x-amz-json-1.1"}
    )


def _get_tokens_from_refresh_token(
    pool: Pool, parameters: Mapping[str, Any], fault: str
) -> dict[str, Any]:
    _authenticate(pool, parameters)
    draft = pool.refresh(parameters["RefreshToken"], device_key=parameters.get("DeviceKey", ""))
    answer = answer_faults.honest(draft, ID_TOKEN_FAULTS.get(fault))
    result = {
        "AccessToken": answer["access_token"],
        "IdToken": answer["id_token"],
        "ExpiresIn": 900,
        "TokenType": "Bearer",
    }
    if "refresh_token" in answer:
        result["RefreshToken"] = answer["refresh_token"]
    pool.secrets.update((result["AccessToken"], result["IdToken"]))
    return {"AuthenticationResult": result}


def _revoke_token(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    _authenticate(pool, parameters)
    pool.revoke(parameters["Token"])
    return {}


def _global_sign_out(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    payload = parameters["AccessToken"].split(".")[1]
    claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    pool.end_all_sign_ins(claims["sub"])
    return {}


def _authenticate(pool: Pool, parameters: Mapping[str, Any]) -> None:
    if parameters.get("ClientId") != pool.client.client_id:
        raise Refused("ResourceNotFoundException")
    if parameters.get("ClientSecret") != pool.client.client_secret:
        raise Refused("NotAuthorizedException")


_OPERATIONS: dict[str, Callable[[Pool, Mapping[str, Any], str], dict[str, Any]]] = {
    "GetTokensFromRefreshToken": _get_tokens_from_refresh_token,
    "RevokeToken": _revoke_token,
    "GlobalSignOut": _global_sign_out,
    **second_factor.OPERATIONS,
    **self_service.OPERATIONS,
    **passkeys.OPERATIONS,
    **sessions.OPERATIONS,
    **directory.OPERATIONS,
}
