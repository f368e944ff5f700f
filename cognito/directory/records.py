"""The users and groups in the answers of the user pool API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cognito.attributes.labels import shown
from cognito.errors import MalformedAnswer

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html
STATUSES = (
    "UNCONFIRMED",
    "CONFIRMED",
    "FORCE_CHANGE_PASSWORD",
    "RESET_REQUIRED",
    "EXTERNAL_PROVIDER",
    "ARCHIVED",
    "COMPROMISED",
    "UNKNOWN",
)
# The API's integers have 32 bits.
MAX_PRECEDENCE = 2**31 - 1
# The pool finds users by these, so they are never rewritten for display.
IDENTIFIERS = frozenset({"sub", "email", "phone_number", "preferred_username"})


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """A user of the pool.

    Attributes:
        username: identifies this user in calls of the pool's API.
        status: one of STATUSES, or a newer one.
        attributes: all attributes by name, including those with a property below.
        mfa: the second factors that are set up, by their API names. Empty in lists: only
            AdminGetUser returns them.
    """

    username: str
    sub: str
    status: str
    is_enabled: bool
    created_at: datetime | None
    changed_at: datetime | None
    attributes: Mapping[str, str] = field(repr=False)
    mfa: Sequence[str] = ()

    @property
    def email(self) -> str:
        return self.attributes.get("email", "")

    @property
    def email_verified(self) -> bool:
        return self.attributes.get("email_verified") == "true"

    @property
    def name(self) -> str:
        return self.attributes.get("name", "")

    @property
    def phone_number(self) -> str:
        return self.attributes.get("phone_number", "")

    @property
    def label(self) -> str:
        """The name to show to operators: the address first, because users choose their names."""
        return shown(self.email or self.username)


@dataclass(frozen=True, slots=True)
class DirectoryGroup:
    """A group of the pool.

    Attributes:
        precedence: the group with the lowest number decides if a user is in several; None is last.
        has_role: members can assume an IAM role.
    """

    name: str
    description: str = ""
    precedence: int | None = None
    has_role: bool = False


@dataclass(frozen=True, slots=True)
class UserPage:
    """A page of users, and the token of the next page; None after the last page."""

    users: Sequence[DirectoryUser]
    next_token: str | None


def user_of(answer: Mapping[str, Any], *, attributes: str = "Attributes") -> DirectoryUser:
    """Return the user in an answer, which has the user's attributes in its member `attributes`.

    Raises:
        MalformedAnswer: the user name or `sub` is missing.
    """
    listed = answer.get(attributes)
    username = answer.get("Username")
    if not isinstance(listed, list) or not isinstance(username, str) or not username:
        raise MalformedAnswer
    known = {
        str(one.get("Name")): str(one.get("Value") or "") for one in listed if isinstance(one, dict)
    }
    known |= {name: shown(value) for name, value in known.items() if name not in IDENTIFIERS}
    if not known.get("sub"):
        raise MalformedAnswer
    mfa = answer.get("UserMFASettingList")
    return DirectoryUser(
        username=username,
        sub=known["sub"],
        status=str(answer.get("UserStatus") or "UNKNOWN"),
        is_enabled=answer.get("Enabled") is True,
        created_at=moment(answer.get("UserCreateDate")),
        changed_at=moment(answer.get("UserLastModifiedDate")),
        attributes=dict(sorted(known.items())),
        mfa=tuple(str(one) for one in mfa) if isinstance(mfa, list) else (),
    )


def group_of(answer: Mapping[str, Any]) -> DirectoryGroup:
    """Return the group in an answer. Raises MalformedAnswer if it has no name."""
    name = answer.get("GroupName")
    if not isinstance(name, str) or not name:
        raise MalformedAnswer
    precedence = answer.get("Precedence")
    return DirectoryGroup(
        name=name,
        description=str(answer.get("Description") or ""),
        # `isinstance` would accept JSON's true, which is an int in Python.
        precedence=precedence if type(precedence) is int else None,
        has_role=bool(answer.get("RoleArn")),
    )


def members_of(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the list `name` of an answer. Raises MalformedAnswer unless it is one of objects."""
    listed = answer.get(name)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise MalformedAnswer
    return listed


def next_token(answer: Mapping[str, Any], name: str) -> str | None:
    token = answer.get(name)
    return token if isinstance(token, str) and token else None


def moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None
