"""The normal form of the e-mail addresses that users sign in with."""

from __future__ import annotations

import unicodedata

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
MAX_CHARACTERS = 128


def normalised(email: str) -> str:
    """Return the form of an address that the pool stores and that rate limits count.

    A pool that ignores the case of user names (`CaseSensitive: false`) compares them in lower case.
    NFKC maps compatible characters, such as full-width letters, to one form (Unicode Standard
    Annex 15).

    An address that is too long for the pool is returned unchanged, because the time that NFKC takes
    for some texts grows with the square of their length.
    """
    if len(email) > MAX_CHARACTERS:
        return email
    lower = unicodedata.normalize("NFKC", email).lower()
    # Again, because some letters with marks have a composed form in lower case only.
    return unicodedata.normalize("NFKC", lower).strip()
