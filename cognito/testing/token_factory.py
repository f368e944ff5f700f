"""Tokens as Cognito makes them, and as it never would."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, Literal

from cognito.testing.signing_key import SigningKey
from cognito.wire import base64url


class Without(Enum):
    """The type of WITHOUT."""

    WITHOUT = "without"


WITHOUT: Final = Without.WITHOUT
"""Given as the value of a claim or header member, takes it away."""

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example01"
CLIENT_ID = "1example23456789abcdefghij"
MACHINE_CLIENT_ID = "9machine87654321zyxwvutsrq"


class TokenFactory:
    """Makes tokens of one issuer, signed with one key.

    Each method takes claims that replace or join those of a good token, by keyword or, where the
    name is none of Python's, in a mapping: ``access({"cognito:groups": ["operators"]}, sub="x")``.
    `header` does the same for the header. A value of WITHOUT takes one away.
    """

    def __init__(
        self,
        key: SigningKey,
        *,
        issuer: str = ISSUER,
        client_id: str = CLIENT_ID,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.key = key
        self.issuer = issuer
        self.client_id = client_id
        self.clock = clock
        self.sub = str(uuid.uuid4())

    def access(
        self,
        more: Mapping[str, Any] | None = None,
        /,
        *,
        header: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """An access token of a user who signed in through the hosted UI."""
        claims = self._user_claims("access") | {
            "client_id": self.client_id,
            "version": 2,
            "scope": "openid email profile aws.cognito.signin.user.admin",
            "username": self.sub,
        }
        return self.signed(claims | dict(more or {}) | changes, header=header)

    def id_token(
        self,
        more: Mapping[str, Any] | None = None,
        /,
        *,
        header: Mapping[str, Any] | None = None,
        access_token: str | None = None,
        **changes: Any,
    ) -> str:
        """An ID token of the same user. With `access_token` it has the `at_hash` of that one."""
        claims = self._user_claims("id") | {
            "aud": self.client_id,
            "cognito:username": self.sub,
            "email": "ada@example.com",
            "email_verified": True,
            "name": "Ada Lovelace",
        }
        if access_token is not None:
            digest = hashlib.sha256(access_token.encode("ascii")).digest()
            claims["at_hash"] = base64url.encode(digest[:16]).decode()
        return self.signed(claims | dict(more or {}) | changes, header=header)

    def machine(
        self,
        more: Mapping[str, Any] | None = None,
        /,
        *,
        header: Mapping[str, Any] | None = None,
        client_id: str = MACHINE_CLIENT_ID,
        scope: str | Literal[Without.WITHOUT] = "api/read",
        **changes: Any,
    ) -> str:
        """An access token that an app client got for itself (client credentials grant)."""
        claims = self._times() | {
            "sub": client_id,
            "token_use": "access",
            "scope": scope,
            "iss": self.issuer,
            "version": 2,
            "jti": str(uuid.uuid4()),
            "client_id": client_id,
        }
        return self.signed(claims | dict(more or {}) | changes, header=header)

    def signed(self, claims: Mapping[str, Any], *, header: Mapping[str, Any] | None = None) -> str:
        """A token of exactly these claims, with the usual header as changed by `header`."""
        members = {"kid": self.key.kid, "alg": "RS256"} | dict(header or {})
        return self.forged(_json(members), _json(claims))

    def forged(
        self, header: bytes, payload: bytes, *, sign: Callable[[bytes], bytes] | None = None
    ) -> str:
        """A token of exactly these bytes. `sign` makes the signature; the factory's key if None."""
        signing_input = base64url.encode(header) + b"." + base64url.encode(payload)
        signature = (sign or self.key.sign)(signing_input)
        return (signing_input + b"." + base64url.encode(signature)).decode("ascii")

    def _user_claims(self, token_use: str) -> dict[str, Any]:
        return self._times() | {
            "sub": self.sub,
            "cognito:groups": ["readers"],
            "iss": self.issuer,
            "origin_jti": str(uuid.uuid4()),
            "event_id": str(uuid.uuid4()),
            "token_use": token_use,
            "jti": str(uuid.uuid4()),
        }

    def _times(self) -> dict[str, Any]:
        now = int(self.clock())
        return {"auth_time": now, "iat": now, "exp": now + 900}


def _json(members: Mapping[str, Any]) -> bytes:
    kept = {name: value for name, value in members.items() if value is not WITHOUT}
    return json.dumps(kept, separators=(",", ":")).encode("ascii")
