"""A search for users: the filter that ListUsers takes, and a check of its results.

ListUsers takes a single condition. The check covers the second condition, and services that do not
filter as AWS does.
Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
"""

from __future__ import annotations

from dataclasses import dataclass

from cognito.directory.records import DirectoryUser

# A search compares the beginning of one of these.
FIELDS = (
    *("email", "name", "phone_number", "username", "sub"),
    *("given_name", "family_name", "preferred_username"),
)
# Whether an account is enabled is not part of its status in the pool.
ENABLED, DISABLED = "ENABLED", "DISABLED"


@dataclass(frozen=True, slots=True)
class Search:
    """Users whose `field` begins with `prefix`, in any case, and whose status is `status`.

    Attributes:
        field: one of FIELDS.
        prefix: empty matches every user.
        status: one of `records.STATUSES`, ENABLED or DISABLED; empty matches any.
    """

    field: str = "email"
    prefix: str = ""
    status: str = ""

    def __post_init__(self) -> None:
        # The filter contains it unescaped.
        if self.field not in FIELDS:
            raise ValueError(f"users cannot be searched by {self.field!r}")

    def filter(self) -> str:
        """Return the more selective condition, or an empty string."""
        if self.prefix:
            return f'{self.field} ^= "{_quoted(self.prefix)}"'
        if self.status in {ENABLED, DISABLED}:
            return f'status = "{self.status.capitalize()}"'
        if self.status:
            return f'cognito:user_status = "{_quoted(self.status)}"'
        return ""

    def matches(self, user: DirectoryUser) -> bool:
        return self._has_prefix(user) and self._has_status(user)

    def _has_prefix(self, user: DirectoryUser) -> bool:
        value = user.username if self.field == "username" else user.attributes.get(self.field, "")
        return value.casefold().startswith(self.prefix.casefold())

    def _has_status(self, user: DirectoryUser) -> bool:
        match self.status:
            case "":
                return True
            case "ENABLED":
                return user.is_enabled
            case "DISABLED":
                return not user.is_enabled
            case status:
                return user.status == status


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
