"""Normalise the e-mail addresses that users sign in with.

The rule is that of `cognito.attributes.usernames`, which this package must not import. A test
compares the two.
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
