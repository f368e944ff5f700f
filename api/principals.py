"""Who sends a request: known from the token alone, without a row in the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from cognito.tokens.claims import Claims


@dataclass(frozen=True, slots=True)
class Principal:
    """The bearer of a verified token: `request.user` of the API, with `request.auth` its claims."""

    claims: Claims = field(repr=False)

    kind: ClassVar[Literal["user", "machine"]]
    is_authenticated: ClassVar[Literal[True]] = True

    @property
    def pk(self) -> str:
        """What throttles and logs know the principal by: the token's `sub`."""
        return self.claims.sub

    @property
    def groups(self) -> frozenset[str]:
        """The user's groups in the pool; a machine has none."""
        return self.claims.groups

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that the token carries."""
        return self.claims.scopes


class UserPrincipal(Principal):
    """A person of the user pool."""

    __slots__ = ()
    kind = "user"


class MachinePrincipal(Principal):
    """An app client that speaks for itself (client credentials grant); `sub` is its client id."""

    __slots__ = ()
    kind = "machine"


def principal_of(claims: Claims) -> Principal:
    """The principal that verified claims speak of."""
    return MachinePrincipal(claims) if claims.is_machine else UserPrincipal(claims)
