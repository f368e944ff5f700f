"""Detect passwords that attackers try first (OWASP ASVS 6.2.4).

Lists of common passwords have few entries that are as long as a pool demands, because most sites
demand less. Users lengthen a short password: they add digits, repeat it, or continue along the
keyboard. A password is therefore common as well if removing such an addition leaves a listed one.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Collection

MESSAGE = "This password is too common. Choose another one, such as a phrase of several words."

_AROUND = string.digits + string.punctuation + string.whitespace
# Attackers do not try words with more digits or signs around them than this.
_MAX_DIGITS = 8
_MAX_SIGNS = 4
# Repeating a shorter text makes it no stronger, unless the result is longer than the limit below.
_MIN_REPEATED = 8
_MAX_CHARACTERS_REPEATED = 32
_LOOKALIKES = str.maketrans("@4301!5$7", "aaeoiisst")
_LETTERS = string.ascii_lowercase * 2
_KEYBOARD = "qwertyuiopasdfghjklzxcvbnm" * 2
_ROWS = (_LETTERS, _LETTERS[::-1], _KEYBOARD, _KEYBOARD[::-1])


def is_common(password: str, known: Collection[str]) -> bool:
    """Return whether `password` is one of `known`, or one of them with a simple addition.

    Args:
        password: the caller has checked that it is not longer than Cognito allows.
        known: common passwords in lower case.
    """
    text = unicodedata.normalize("NFKC", password).casefold().strip()
    if text in known or text.isdigit() or any(text in row for row in _ROWS):
        return True
    return _is_lengthened(text, known) or _is_repeated(text, known)


def _is_lengthened(text: str, known: Collection[str]) -> bool:
    """Detect for example `password1234!` and `P@ssw0rd2026`."""
    word = text.strip(_AROUND)
    if not word:
        return False
    before, _, after = text.partition(word)
    added = before + after
    digits = sum(character.isdigit() for character in added)
    return (
        digits <= _MAX_DIGITS
        and len(added) - digits <= _MAX_SIGNS
        and (word in known or word.translate(_LOOKALIKES) in known)
    )


def _is_repeated(text: str, known: Collection[str]) -> bool:
    """Detect for example `abcabcabcabc` and `passwordpassword`."""
    part = text[: (text + text).find(text, 1)]
    if len(part) == len(text):
        return False
    if len(part) >= _MIN_REPEATED:
        return is_common(part, known)
    return text.isascii() and len(text) <= _MAX_CHARACTERS_REPEATED
