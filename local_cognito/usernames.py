"""The one spelling of an e-mail address that a user signs in with.

MiniStack distinguishes upper and lower case in user names, and Cognito does not. The rule is that
of `cognito.attributes.usernames`, which this package may not import: a test compares the two.
"""

from __future__ import annotations

import unicodedata

MAX_CHARACTERS = 128


def normalised(email: str) -> str:
    """Return the spelling of an address that the pool stores."""
    if len(email) > MAX_CHARACTERS:
        return email
    lower = unicodedata.normalize("NFKC", email).lower()
    return unicodedata.normalize("NFKC", lower).strip()
