"""The app client of the user pool that this application is."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AppClient:
    """An app client's id, and its secret, which is empty for a public client."""

    id: str
    secret: str = field(repr=False)

    def secret_hash(self, username: str) -> str:
        """Base64 of HMAC-SHA-256 over user name and client id, keyed with the client's secret.

        `username` must be the one in the same request: what the user typed in at sign-in, the
        pool's own name for the user when answering a challenge.

        Source: https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
        """
        digest = hmac.digest(self.secret.encode(), (username + self.id).encode(), hashlib.sha256)
        return b64encode(digest).decode("ascii")
