"""The one spelling of an e-mail address that a user signs in with.

The same rule as in `cognito.attributes.usernames`, which nothing here may import: a test compares
the two.
"""

from __future__ import annotations

import unicodedata

MAX_CHARACTERS = 128


def normalised(email: str) -> str:
    """Return the spelling under which the pool knows an address."""
    if len(email) > MAX_CHARACTERS:
        return email
    lower = unicodedata.normalize("NFKC", email).lower()
    return unicodedata.normalize("NFKC", lower).strip()
