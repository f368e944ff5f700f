"""Tokens like those of Cognito, and tokens that Cognito would never issue."""

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
"""The value that removes a claim, or a member of the header."""

ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example01"
CLIENT_ID = "1example23456789abcdefghij"
AUDIENCE = "https://api.example.com/api"
MACHINE_CLIENT_ID = "9machine87654321zyxwvutsrq"


class TokenFactory:
    """Makes tokens for one user of one issuer, signed with one key.

    `access`, `id_token` and `machine` take claims that are added to a valid token, or replace its
    own. Pass them as keywords, or in a mapping if the name is not a Python identifier. `header`
    does the same for members of the header. The value `WITHOUT` removes a claim or a member::

        factory = TokenFactory(signing_key("pool"))
        factory.access({"cognito:groups": ["operators"]}, scope=WITHOUT, header={"typ": "JWT"})
        factory.access(aud="https://api.example.com/api", act={"sub": "agent"})

    Args:
        key: signs the tokens.
        issuer: the `iss` of the tokens.
        client_id: the app client to which access and ID tokens are issued.
        clock: returns the current time in seconds since 1970. Tokens expire after 15 minutes.
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
        """Return an access token of the user, as after a sign-in through the hosted UI."""
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
        """Return an ID token of the user.

        Args:
            more: claims, by names that are not Python identifiers.
            header: members of the header.
            access_token: adds the `at_hash` of this token.
            changes: claims.
        """
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
        """Return an access token of an app client, as the client credentials grant issues it."""
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
        """Return a token with exactly these claims. `header` changes members of its header."""
        members = {"kid": self.key.kid, "alg": "RS256"} | dict(header or {})
        return self.forged(_json(members), _json(claims))

    def forged(
        self, header: bytes, payload: bytes, *, sign: Callable[[bytes], bytes] | None = None
    ) -> str:
        """Return a token with exactly these bytes as header and payload.

        Args:
            sign: returns the signature of its argument. By default the factory's key signs.
        """
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
