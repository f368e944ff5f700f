"""People of the user pool."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from cognito.testing import WITHOUT


@dataclass
class Person:
    """Someone with an account in the pool. Whatever changes shows in the tokens made from then on.

    Attributes:
        is_enabled: False refuses refreshes, as for a user who was disabled.
        totp_secret: of the authenticator app that is being set up, or is; empty before.
        has_totp: whether sign-ins ask for its codes.
        claims: replaces or joins the claims of the ID token; WITHOUT takes one away.
    """

    email: str = "ada@example.com"
    name: str = "Ada Lovelace"
    username: str = ""
    groups: list[str] = field(default_factory=list)
    sub: str = field(default_factory=lambda: str(uuid.uuid4()))
    is_enabled: bool = True
    totp_secret: str = ""
    has_totp: bool = False
    claims: dict[str, Any] = field(default_factory=dict)

    def id_claims(self) -> dict[str, Any]:
        """What the ID token says of this person."""
        return {
            "sub": self.sub,
            "cognito:username": self.username or self.sub,
            "cognito:groups": self.groups or WITHOUT,
            "email": self.email,
            "email_verified": True,
            "name": self.name,
        } | self.claims

    def access_claims(self) -> dict[str, Any]:
        """What the access token says of this person."""
        groups = self.claims.get("cognito:groups", self.groups or WITHOUT)
        return {
            "sub": self.sub,
            "username": self.username or self.sub,
            "cognito:groups": groups,
        }
