"""The operations of the user pool's JSON API by which users change their own accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.provider.people import Person
from tests.support.provider.pool import Pool, Refused

# Every code that the pool sends.
CODE = "604831"
MIN_PASSWORD_CHARACTERS = 12


def _get_user(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    values = {
        "sub": person.sub,
        "email": person.email,
        "email_verified": "true" if person.has_verified_email else "false",
        "name": person.name,
        "phone_number": person.phone_number,
        "phone_number_verified": "true" if person.has_verified_phone else "false",
    }
    return {
        "Username": person.sub,
        "UserAttributes": [{"Name": name, "Value": value} for name, value in values.items()],
        "UserMFASettingList": ["SOFTWARE_TOKEN_MFA"] if person.has_totp else [],
    }


def _update(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    given = {one["Name"]: one["Value"] for one in parameters["UserAttributes"]}
    if any(other.email == given.get("email") for other in pool.people if other is not person):
        raise Refused("AliasExistsException")
    waiting = [name for name in ("email", "phone_number") if given.get(name) and name in pool.sends]
    for name in waiting:
        person.waiting[name] = given.pop(name)
    for name, value in given.items():
        _set(person, name, value, is_verified=False)
    return {"CodeDeliveryDetailsList": [{"AttributeName": name} for name in waiting]}


def _send(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person, name = pool.person_of(parameters["AccessToken"]), parameters["AttributeName"]
    person.waiting[name] = person.email if name == "email" else person.phone_number
    return {"CodeDeliveryDetails": {"AttributeName": name}}


def _verify(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person, name = pool.person_of(parameters["AccessToken"]), parameters["AttributeName"]
    if name not in person.waiting:
        raise Refused("ExpiredCodeException")
    if parameters["Code"] != CODE:
        raise Refused("CodeMismatchException")
    _set(person, name, person.waiting.pop(name), is_verified=True)
    return {}


def _change_password(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    has_password = "PASSWORD" in person.first_factors
    if has_password and parameters.get("PreviousPassword") != person.password:
        raise Refused("NotAuthorizedException")
    if len(parameters["ProposedPassword"]) < MIN_PASSWORD_CHARACTERS:
        raise Refused("InvalidPasswordException")
    person.password = parameters["ProposedPassword"]
    if not has_password:
        person.first_factors = [*person.first_factors, "PASSWORD"]
    return {}


def _delete(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = pool.person_of(parameters["AccessToken"])
    pool.people.remove(person)
    pool.end_all_sign_ins(person.sub)
    return {}


def _set(person: Person, name: str, value: str, *, is_verified: bool) -> None:
    setattr(person, name, value)
    if name == "email":
        person.has_verified_email = is_verified
    if name == "phone_number":
        person.has_verified_phone = is_verified


OPERATIONS: dict[str, Callable[[Pool, Mapping[str, Any], str], dict[str, Any]]] = {
    "GetUser": _get_user,
    "UpdateUserAttributes": _update,
    "GetUserAttributeVerificationCode": _send,
    "VerifyUserAttribute": _verify,
    "ChangePassword": _change_password,
    "DeleteUser": _delete,
}
