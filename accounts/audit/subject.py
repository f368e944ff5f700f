"""The subject or actor of an audit event that has no row in the table of users."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from cognito.attributes.labels import shown
from cognito.directory.records import DirectoryUser

MAX_LABEL_CHARACTERS = 320


@dataclass(frozen=True, slots=True)
class Subject:
    """A user without a row, or a group.

    Attributes:
        sub: empty for a group, and for a user who is known only by a name in a request.
        issuer: the user pool, if a verified token named it.
    """

    label: str = ""
    sub: str = ""
    issuer: str = ""
    username: str = ""

    @classmethod
    def named(cls, unverified_name: str) -> Subject:
        """Return a subject for a group, or for a user who is known only by a name in a request."""
        return cls(shown(unverified_name.replace("\0", "")[:MAX_LABEL_CHARACTERS]))

    @classmethod
    def of_directory(cls, user: DirectoryUser) -> Subject:
        """Return a subject for a user of the user pool."""
        return cls(user.label, user.sub)

    def __str__(self) -> str:
        return self.label


# A row of a user can be a subject as well.
Named = User | Subject
