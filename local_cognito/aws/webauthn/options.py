"""The options that a browser gets for the two ceremonies, with the members and values of Cognito.

https://docs.aws.amazon.com/cli/latest/reference/cognito-idp/start-web-authn-registration.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from local_cognito.aws.webauthn.passkey import Passkey, descriptors
from local_cognito.aws.webauthn.relying_party import RelyingParty

REGISTRATION_TIMEOUT_MILLISECONDS = 60_000
# How long a challenge is accepted. Cognito's own options have this timeout for a sign-in.
CHALLENGE_SECONDS = 180
# ES256 and RS256, the algorithms that Cognito recognizes.
ALGORITHMS = (-7, -257)


def creation_options(
    relying_party: RelyingParty,
    *,
    challenge: str,
    user_handle: str,
    username: str,
    passkeys: Sequence[Passkey],
) -> dict[str, Any]:
    """Return PublicKeyCredentialCreationOptionsJSON for a new passkey of this user.

    `user_handle` is the user's `sub`, and `username` is shown to the user.
    """
    excluded = descriptors(passkeys, relying_party.id)
    return {
        "rp": {"id": relying_party.id, "name": relying_party.id},
        "user": {
            "id": base64.urlsafe_b64encode(user_handle.encode()).decode().rstrip("="),
            "name": username,
            "displayName": username,
        },
        "challenge": challenge,
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
        "timeout": REGISTRATION_TIMEOUT_MILLISECONDS,
        "excludeCredentials": excluded,
        "authenticatorSelection": {
            "requireResidentKey": True,
            "residentKey": "required",
            "userVerification": relying_party.user_verification,
        },
    }


def request_options(
    relying_party: RelyingParty, *, challenge: str, allowed: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return PublicKeyCredentialRequestOptionsJSON. If `allowed` is empty, the browser chooses."""
    return {
        "challenge": challenge,
        "timeout": CHALLENGE_SECONDS * 1000,
        "rpId": relying_party.id,
        "allowCredentials": list(allowed),
        "userVerification": relying_party.user_verification,
    }
