"""Principals: users and machine clients, known from the token alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from cognito.tokens.actors import Actor
from cognito.tokens.claims import Claims


@dataclass(frozen=True, slots=True)
class Principal:
    """The bearer of a verified token. It is `request.user`, and its claims are `request.auth`."""

    claims: Claims = field(repr=False)

    kind: ClassVar[Literal["user", "machine"]]
    is_authenticated: ClassVar[Literal[True]] = True

    @property
    def pk(self) -> str:
        """The token's `sub`, which DRF's throttles and logs use as the key."""
        return self.claims.sub

    @property
    def groups(self) -> frozenset[str]:
        """The user's groups in the pool. A machine client has none."""
        return self.claims.groups

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of the token."""
        return self.claims.scopes

    @property
    def actor(self) -> Actor | None:
        """The service or agent that acts for the user, or None if the user calls (RFC 8693)."""
        return self.claims.actor


class UserPrincipal(Principal):
    """A user of the user pool."""

    __slots__ = ()
    kind = "user"


class MachinePrincipal(Principal):
    """An app client with a token of its own (client credentials). `sub` is its client id."""

    __slots__ = ()
    kind = "machine"


def principal_of(claims: Claims) -> Principal:
    """Return the principal of verified claims."""
    return MachinePrincipal(claims) if claims.is_machine else UserPrincipal(claims)
