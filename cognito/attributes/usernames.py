"""The one spelling of an e-mail address that a user signs in with."""

from __future__ import annotations

import unicodedata

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
MAX_CHARACTERS = 128


def normalised(email: str) -> str:
    """Return the spelling under which the pool knows an address, and limits count it.

    A pool whose user names are the same in any case (`CaseSensitive: false`) compares them in lower
    case. NFKC gives one form to letters that only look different, such as full-width ones (Unicode
    Standard Annex 15).

    An address that is too long for the pool comes back as it is: NFKC takes a time that grows with
    the square of the length of some texts.
    """
    if len(email) > MAX_CHARACTERS:
        return email
    lower = unicodedata.normalize("NFKC", email).lower()
    # Once more, because some letters with marks are one character in lower case alone.
    return unicodedata.normalize("NFKC", lower).strip()
