"""The `session` of a challenge: Cognito's own, sealed together with whom it belongs to.

Whoever answers must name the same account, and cannot read or change what is in it. Nothing of a
half-finished sign-in is kept here.
"""

from __future__ import annotations

import json

from accounts import encryption
from api.auth.refusals import ChallengeOver
from cognito.user_pool.sign_in import Challenge

# The longest that an app client can give its users (AuthSessionValidity).
MAX_AGE_SECONDS = 15 * 60
_PURPOSE = "challenge"


def seal(challenge: Challenge, *, email: str) -> str:
    """The challenge as the client keeps it. `email` is normalised."""
    return encryption.encrypt(
        json.dumps(
            {
                "purpose": _PURPOSE,
                "email": email,
                "name": challenge.name,
                "session": challenge.session,
                "username": challenge.username,
                "attributes": challenge.attributes,
            }
        )
    )


def unseal(unverified_session: str, *, name: str, email: str) -> Challenge:
    """The challenge of that name that `email` was given. Raises ChallengeOver for any other."""
    try:
        sealed = encryption.decrypt(unverified_session, max_age_seconds=MAX_AGE_SECONDS)
        members = json.loads(sealed)
    except (encryption.UndecryptableToken, ValueError):
        # The second if it is something else that was encrypted with the same keys.
        raise ChallengeOver from None
    if (members["purpose"], members["name"], members["email"]) != (_PURPOSE, name, email):
        raise ChallengeOver
    return Challenge(
        name=name,
        session=members["session"],
        username=members["username"],
        parameters={},
        attributes=tuple(members["attributes"]),
    )
