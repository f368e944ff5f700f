"""How an app client with a secret proves itself in the user pool's API.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode


def secret_hash(*, username: str, client_id: str, client_secret: str) -> str:
    """Base64 of HMAC-SHA-256 over user name and client id, keyed with the client's secret.

    `username` must be the one in the same request: what the user typed in at sign-in, the pool's
    own name for the user when answering a challenge.
    """
    message = (username + client_id).encode()
    return b64encode(hmac.digest(client_secret.encode(), message, hashlib.sha256)).decode("ascii")
