"""Users and groups in the user pool's JSON API, for operators.

It has only what the tests of simultaneous requests need. Other tests of operators use MiniStack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.provider.people import Person
from tests.support.provider.pool import Pool, Refused


def _person(pool: Pool, parameters: Mapping[str, Any]) -> Person:
    for person in pool.people:
        if person.sub == parameters["Username"]:
            return person
    raise Refused("UserNotFoundException")


def _described(person: Person, attributes: str) -> dict[str, Any]:
    return {
        "Username": person.sub,
        "Enabled": person.is_enabled,
        "UserStatus": "CONFIRMED",
        attributes: [
            {"Name": "sub", "Value": person.sub},
            {"Name": "email", "Value": person.email},
            {"Name": "email_verified", "Value": str(person.has_verified_email).lower()},
        ],
    }


def _get_user(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    return _described(_person(pool, parameters), "UserAttributes")


def _groups_of(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    return {"Groups": [{"GroupName": name} for name in _person(pool, parameters).groups]}


def _get_group(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    return {"Group": {"GroupName": parameters["GroupName"]}}


def _members(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    members = [person for person in pool.people if parameters["GroupName"] in person.groups]
    return {"Users": [_described(person, "Attributes") for person in members]}


def _list_users(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    """Return a page of the users. The token of the next page is its start."""
    start, limit = int(parameters.get("PaginationToken", 0)), parameters.get("Limit", 60)
    page = pool.people[start : start + limit]
    answer: dict[str, Any] = {"Users": [_described(person, "Attributes") for person in page]}
    if start + limit < len(pool.people):
        answer["PaginationToken"] = str(start + limit)
    return answer


def _remove_from_group(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    person = _person(pool, parameters)
    person.groups = [name for name in person.groups if name != parameters["GroupName"]]
    return {}


def _disable(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    _person(pool, parameters).is_enabled = False
    return {}


def _delete(pool: Pool, parameters: Mapping[str, Any], fault: str) -> dict[str, Any]:
    pool.people.remove(_person(pool, parameters))
    return {}


OPERATIONS: dict[str, Callable[[Pool, Mapping[str, Any], str], dict[str, Any]]] = {
    "AdminGetUser": _get_user,
    "AdminListGroupsForUser": _groups_of,
    "GetGroup": _get_group,
    "ListUsers": _list_users,
    "ListUsersInGroup": _members,
    "AdminRemoveUserFromGroup": _remove_from_group,
    "AdminDisableUser": _disable,
    "AdminDeleteUser": _delete,
}
