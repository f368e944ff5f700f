"""Principals: who sends a request of the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from cognito.tokens.actors import Actor
from cognito.tokens.claims import Claims

if TYPE_CHECKING:
    from accounts.models import AbstractIdentity, BrowserSession


class Principal:
    """Who sends a request. It is `request.user` of the API.

    Views that only use these members serve bearer tokens and browser sessions alike.
    """

    __slots__ = ()

    kind: ClassVar[Literal["user", "machine"]]
    is_authenticated: ClassVar[Literal[True]] = True

    @property
    def issuer(self) -> str:
        """The user pool. Issuer and `sub` together identify the principal."""
        raise NotImplementedError

    @property
    def sub(self) -> str:
        """The user, or the id of the machine client."""
        raise NotImplementedError

    @property
    def username(self) -> str | None:
        """The user's name in the pool. A machine client has none."""
        raise NotImplementedError

    @property
    def groups(self) -> frozenset[str]:
        """The user's groups in the pool. A machine client has none."""
        raise NotImplementedError

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of the token. A browser session has none, and needs none."""
        raise NotImplementedError

    @property
    def actor(self) -> Actor | None:
        """The service or agent that acts for the user, or None if the user calls (RFC 8693)."""
        return None

    @property
    def is_listed_client(self) -> bool:
        """Whether the app client is one of ours or listed, and not admitted by audience alone."""
        return True

    @property
    def pk(self) -> str:
        """The `sub`, which DRF's throttles and logs use as the key."""
        return self.sub


@dataclass(frozen=True, slots=True)
class TokenPrincipal(Principal):
    """The bearer of a verified token, known from the token alone. `request.auth` is its claims."""

    claims: Claims = field(repr=False)

    @property
    def issuer(self) -> str:
        return self.claims.issuer

    @property
    def sub(self) -> str:
        return self.claims.sub

    @property
    def username(self) -> str | None:
        return self.claims.username

    @property
    def groups(self) -> frozenset[str]:
        return self.claims.groups

    @property
    def scopes(self) -> frozenset[str]:
        return self.claims.scopes

    @property
    def actor(self) -> Actor | None:
        return self.claims.actor

    @property
    def is_listed_client(self) -> bool:
        return self.claims.is_listed_client


class UserPrincipal(TokenPrincipal):
    """A user of the user pool."""

    __slots__ = ()
    kind = "user"


class MachinePrincipal(TokenPrincipal):
    """An app client with a token of its own (client credentials). `sub` is its client id."""

    __slots__ = ()
    kind = "machine"


@dataclass(frozen=True, slots=True)
class SessionPrincipal(Principal):
    """The user of a browser session. `request.auth` is the session, and there is no token.

    Attributes:
        user: the user's row.
        session: the signed-in device.
        groups: the user's groups when the session was last renewed; empty if that was too long ago.
    """

    kind = "user"
    user: AbstractIdentity
    session: BrowserSession = field(repr=False)
    groups: frozenset[str]

    @property
    def issuer(self) -> str:
        return self.user.issuer

    @property
    def sub(self) -> str:
        return self.user.sub

    @property
    def username(self) -> str | None:
        return self.user.username

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset()


def principal_of(claims: Claims) -> Principal:
    """Return the principal of verified claims."""
    return MachinePrincipal(claims) if claims.is_machine else UserPrincipal(claims)
