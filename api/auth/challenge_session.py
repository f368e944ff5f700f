"""The `session` of a challenge: Cognito's session and its account, encrypted.

The client must send the same account with its answer, and can neither read nor change the session.
The server stores nothing of an unfinished sign-in.
"""

from __future__ import annotations

import json

from accounts import encryption
from api.auth.refusals import ChallengeOver
from cognito.user_pool.sign_in import Challenge

# The maximum of the app client's AuthSessionValidity.
MAX_AGE_SECONDS = 15 * 60
_PURPOSE = "challenge"
_BLOCK = 1024


def seal(challenge: Challenge, *, email: str) -> str:
    """Return the encrypted session for the client. `email` must be normalised."""
    sealed = json.dumps(
        {
            "purpose": _PURPOSE,
            "email": email,
            "name": challenge.name,
            "session": challenge.session,
            "username": challenge.username,
            "attributes": challenge.attributes,
            "is_first": challenge.is_first,
        }
    )
    # The length of the pool's name for the user could reveal whether the account exists.
    return encryption.encrypt(sealed.ljust(-(-len(sealed) // _BLOCK) * _BLOCK))


def unseal(unverified_session: str, *, name: str, email: str) -> Challenge:
    """Return the challenge. Raise ChallengeOver if it is invalid or not of `name` and `email`."""
    try:
        sealed = encryption.decrypt(unverified_session, max_age_seconds=MAX_AGE_SECONDS)
        members = json.loads(sealed)
    except (encryption.UndecryptableToken, ValueError):
        # ValueError: the text was encrypted with the same keys, but is not a challenge.
        raise ChallengeOver from None
    if (members["purpose"], members["name"], members["email"]) != (_PURPOSE, name, email):
        raise ChallengeOver
    return Challenge(
        name=name,
        session=members["session"],
        username=members["username"],
        parameters={},
        attributes=tuple(members["attributes"]),
        is_first=members["is_first"],
    )
