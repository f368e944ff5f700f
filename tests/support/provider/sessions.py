"""The operations of the user pool's JSON API for sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.provider.people import Person
from tests.support.provider.pool import Pool, Refused

# The sign-in of the access token, which began in the session `OWN`.
SIGN_IN = "tkn" + "0" * 25
OWN = "sso" + "0" * 25


def _list(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    hosted = _hosted(pool, parameters)[1]
    sign_in = {
        "SessionId": SIGN_IN,
        "SessionType": "TOKEN",
        "LastActiveDate": 1_790_000_000.0,
        "OriginSessionId": OWN,
        "IsCurrentSession": True,
    }
    return {
        "Sessions": [
            sign_in,
            *(
                {"SessionId": one, "SessionType": "SSO", "LastActiveDate": 1_790_000_000.0 - age}
                for age, one in enumerate(hosted)
            ),
        ]
    }


def _revoke(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person, hosted = _hosted(pool, parameters)
    session_id = parameters["SessionId"]
    if session_id == SIGN_IN:
        raise Refused("InvalidParameterException")
    if session_id not in hosted:
        raise Refused("ResourceNotFoundException")
    person.hosted_sessions = [one for one in hosted if one != session_id]
    if session_id == OWN and parameters["RevokeAssociatedSessions"] == "LINKED":
        pool.end_all_sign_ins(person.sub)
    return {}


def _hosted(pool: Pool, parameters: Mapping[str, Any]) -> tuple[Person, list[str]]:
    person = pool.person_of(parameters["AccessToken"])
    if person.hosted_sessions is None:
        raise Refused("OperationNotEnabledException")
    return person, person.hosted_sessions


OPERATIONS: dict[str, Callable[[Pool, Mapping[str, Any], str], dict[str, Any]]] = {
    "ListUserSessions": _list,
    "RevokeUserSession": _revoke,
}
