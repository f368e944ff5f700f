"""What to look for among the users of a pool: the filter that its API takes, and our own check.

ListUsers takes one condition. A second one, and whatever the service does not filter by as it
should, is checked here.
Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
"""

from __future__ import annotations

from dataclasses import dataclass

from cognito.directory.records import DirectoryUser

# By what the beginning of it is looked for.
FIELDS = ("email", "name", "phone_number", "username", "sub")
# Not statuses of the pool, but of the account.
ENABLED, DISABLED = "ENABLED", "DISABLED"


@dataclass(frozen=True, slots=True)
class Search:
    """Users whose `field` begins with `prefix`, in any case, and whose status is `status`.

    Attributes:
        field: one of FIELDS.
        prefix: empty for everyone.
        status: one of `directory_records.STATUSES`, ENABLED or DISABLED; empty for any.
    """

    field: str = "email"
    prefix: str = ""
    status: str = ""

    def __post_init__(self) -> None:
        # It is written into the filter as it is.
        if self.field not in FIELDS:
            raise ValueError(f"users cannot be searched by {self.field!r}")

    def filter(self) -> str:
        """The condition that narrows it down most; empty for none."""
        if self.prefix:
            return f'{self.field} ^= "{_quoted(self.prefix)}"'
        if self.status in {ENABLED, DISABLED}:
            return f'status = "{self.status.capitalize()}"'
        if self.status:
            return f'cognito:user_status = "{_quoted(self.status)}"'
        return ""

    def matches(self, user: DirectoryUser) -> bool:
        return self._begins_right(user) and self._has_status(user)

    def _begins_right(self, user: DirectoryUser) -> bool:
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
