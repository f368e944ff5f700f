"""The app client that this application uses in the user pool."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AppClient:
    """An app client's id and secret. The secret of a public client is empty."""

    id: str
    secret: str = field(repr=False)

    def secret_hash(self, username: str) -> str:
        """Return Base64 of HMAC-SHA-256 over user name and client id, keyed with the client secret.

        `username` must equal the one in the same request: what the user typed in at sign-in, or the
        pool's name for the user when answering a challenge.

        Source: https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
        """
        digest = hmac.digest(self.secret.encode(), (username + self.id).encode(), hashlib.sha256)
        return b64encode(digest).decode("ascii")
