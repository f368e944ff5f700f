"""Users of the pool."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from cognito.testing import WITHOUT


@dataclass(frozen=True)
class Passkey:
    """A registered passkey. `created_at` is in seconds since 1970."""

    id: str
    name: str = "A password manager"
    created_at: float = 1_790_000_000.0


@dataclass
class Person:
    """A user with an account in the pool. Later tokens contain later changes.

    Attributes:
        is_enabled: False for a disabled user, whose refreshes are refused.
        totp_secret: the secret of the authenticator app; empty before its set-up begins.
        has_totp: whether sign-ins require its codes.
        first_factors: what a sign-in can begin with, apart from passkeys.
        hosted_sessions: the sessions at the hosted UI, by identifiers; None without tracking.
        waiting: addresses and numbers that a code was sent to, by the name of the attribute.
        claims: changes of the claims of the ID token; WITHOUT removes a claim.
        access_changes: the same for the access token.
    """

    email: str = "ada@example.com"
    name: str = "Ada Lovelace"
    username: str = ""
    groups: list[str] = field(default_factory=list)
    sub: str = field(default_factory=lambda: str(uuid.uuid4()))
    is_enabled: bool = True
    totp_secret: str = ""
    has_totp: bool = False
    first_factors: list[str] = field(default_factory=lambda: ["PASSWORD"])
    passkeys: list[Passkey] = field(default_factory=list)
    phone_number: str = ""
    has_verified_email: bool = True
    has_verified_phone: bool = False
    password: str = "an old phrase of words"
    waiting: dict[str, str] = field(default_factory=dict)
    hosted_sessions: list[str] | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    access_changes: dict[str, Any] = field(default_factory=dict)

    def id_claims(self) -> dict[str, Any]:
        """Return the claims of the ID token."""
        return {
            "sub": self.sub,
            "cognito:username": self.username or self.sub,
            "cognito:groups": self.groups or WITHOUT,
            "email": self.email,
            "email_verified": self.has_verified_email,
            "name": self.name,
        } | self.claims

    def access_claims(self) -> dict[str, Any]:
        """Return the claims of the access token."""
        groups = self.claims.get("cognito:groups", self.groups or WITHOUT)
        return {
            "sub": self.sub,
            "username": self.username or self.sub,
            "cognito:groups": groups,
        } | self.access_changes
