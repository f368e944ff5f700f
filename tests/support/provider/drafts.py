"""Tokens before they are signed, which faults can change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cognito.testing import WITHOUT, SigningKey, TokenFactory
from tests.support.provider.people import Person


@dataclass
class SignIn:
    """The data that all tokens of one sign-in share."""

    person: Person
    client_id: str
    origin_jti: str
    auth_time: int
    has_ended: bool = False


@dataclass
class Draft:
    """The tokens of one response, before they are signed.

    Attributes:
        nonce: the nonce of the sign-in; None in a refresh, whose ID token has no nonce.
        earlier_id_token: the ID token of an earlier sign-in of the same user, if there is one.
        evil_url: an address of keys that the application must never request.
    """

    factory: TokenFactory
    second_key: SigningKey
    sign_in: SignIn
    nonce: str | None
    refresh_token: str | None
    client_secret: str
    earlier_id_token: str
    evil_url: str
    access_changes: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> int:
        return int(self.factory.clock())

    def access_token(self, **changes: Any) -> str:
        """Return the access token with `changes` to its claims."""
        claims = self._of_sign_in() | self.sign_in.person.access_claims()
        return self.factory.access(**claims | self.access_changes | changes)

    def id_claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of the ID token that differ from those of the factory."""
        nonce = {"nonce": WITHOUT if self.nonce is None else self.nonce}
        return self._of_sign_in() | nonce | self.sign_in.person.id_claims() | changes

    def id_token(
        self,
        access_token: str | None,
        *,
        header: Mapping[str, Any] | None = None,
        key: SigningKey | None = None,
        **changes: Any,
    ) -> str:
        """Return the ID token for `access_token`, signed with the pool's key or another one."""
        factory = self.factory
        if key is not None:
            factory = TokenFactory(
                key, issuer=factory.issuer, client_id=factory.client_id, clock=factory.clock
            )
        return factory.id_token(
            access_token=access_token, header=header, **self.id_claims(**changes)
        )

    def _of_sign_in(self) -> dict[str, Any]:
        return {"origin_jti": self.sign_in.origin_jti, "auth_time": self.sign_in.auth_time}
