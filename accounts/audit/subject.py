"""Users without a row, and groups, as the audit trail names them."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from cognito.attributes.labels import shown
from cognito.directory.records import DirectoryUser

MAX_LABEL_CHARACTERS = 320


@dataclass(frozen=True, slots=True)
class Subject:
    """A user without a row here, or a group.

    Attributes:
        sub: empty for a group, and for a user of whom only a typed name is known.
        issuer: the user pool, if a verified token names it.
    """

    label: str = ""
    sub: str = ""
    issuer: str = ""
    username: str = ""

    @classmethod
    def named(cls, unverified_name: str) -> Subject:
        """A group, or a user of whom only a typed name is known."""
        return cls(shown(unverified_name.replace("\0", "")[:MAX_LABEL_CHARACTERS]))

    @classmethod
    def of_directory(cls, user: DirectoryUser) -> Subject:
        """A user as the user pool has them."""
        return cls(user.label, user.sub)

    def __str__(self) -> str:
        return self.label


# A user's row names the user in the trail as it is.
Named = User | Subject
