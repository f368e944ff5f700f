"""The subject or actor of an audit event that has no row in the table of users."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from accounts.models import AbstractIdentity
from cognito.attributes.labels import shown
from cognito.tokens.actors import Actor
from cognito.tokens.claims import Claims

if TYPE_CHECKING:
    from cognito.directory.records import DirectoryUser

MAX_LABEL_CHARACTERS = 320


class Subject(NamedTuple):
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

    @classmethod
    def acting(cls, claims: Claims, user: str) -> Subject:
        """Return the current actor of a token as a subject, whose label also names the user.

        The label names all actors, from the one that the user called to the current one: "Uma,
        through agent X".

        Args:
            claims: of a token with at least one actor.
            user: the name of the user.
        """
        names = [user, *(_name_of(actor, claims) for actor in reversed(claims.actors))]
        # No name may push another one out of the label.
        room = (MAX_LABEL_CHARACTERS - len(", through ")) // len(names) - len(" and ")
        first, *through = (shown(name)[:room] for name in names)
        current = claims.actors[0]
        return cls(f"{first}, through {' and '.join(through)}", current.sub, claims.issuer)

    def __str__(self) -> str:
        return self.label


def _name_of(actor: Actor, claims: Claims) -> str:
    is_foreign = actor.issuer not in {None, claims.issuer}
    return f"{actor.sub} of {actor.issuer}" if is_foreign else actor.sub


# A row of a user can be a subject as well.
Named = AbstractIdentity | Subject
