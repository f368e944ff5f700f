"""An app client of the pool, and what it allows."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import UserPoolClientTypeTypeDef


@dataclass(frozen=True)
class AppClient:
    """An app client. `secret` is empty for a public one."""

    client_id: str
    secret: str = field(repr=False)
    callback_urls: tuple[str, ...]
    logout_urls: tuple[str, ...]
    flows: tuple[str, ...]
    scopes: tuple[str, ...]
    revokes: bool

    @classmethod
    def described(cls, description: UserPoolClientTypeTypeDef) -> AppClient:
        """Read an answer of DescribeUserPoolClient."""
        uses_oauth = description.get("AllowedOAuthFlowsUserPoolClient", False)
        return cls(
            client_id=description["ClientId"],
            secret=description.get("ClientSecret", ""),
            callback_urls=tuple(description.get("CallbackURLs", ())),
            logout_urls=tuple(description.get("LogoutURLs", ())),
            flows=tuple(description.get("AllowedOAuthFlows", ())) if uses_oauth else (),
            scopes=tuple(description.get("AllowedOAuthScopes", ())),
            revokes=description.get("EnableTokenRevocation", True),
        )

    def has_secret(self, unverified_secret: str) -> bool:
        return hmac.compare_digest(self.secret.encode(), unverified_secret.encode())

    def identification(self) -> Any:
        """Return ClientId and ClientSecret as parameters of the user pool's API."""
        secret = {"ClientSecret": self.secret} if self.secret else {}
        return {"ClientId": self.client_id, **secret}

    def secret_hash(self, username: str) -> Any:
        """Return SecretHash as a parameter of the user pool's API; nothing for a public client.

        https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
        """
        if not self.secret:
            return {}
        digest = hmac.digest(
            self.secret.encode(), (username + self.client_id).encode(), hashlib.sha256
        )
        return {"SecretHash": base64.b64encode(digest).decode()}
