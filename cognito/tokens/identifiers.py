"""Identifiers in the claims of a token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cognito.errors import InvalidClaim

# OpenID Connect Core section 2 limits `sub` to this length.
MAX_IDENTIFIER_CHARACTERS = 255
# Control characters and line ends could forge log lines, and databases refuse some of them.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def optional_identifier(unverified_payload: Mapping[str, Any], name: str) -> str | None:
    """Return an identifier, or None if the claim is missing.

    An identifier has 1 to 255 characters, no control characters, and no space at its ends. Raises
    InvalidClaim for anything else, null included.
    """
    value = unverified_payload.get(name)
    if value is None and name not in unverified_payload:
        return None
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= MAX_IDENTIFIER_CHARACTERS
        or value != value.strip()
        # isprintable() is faster, but refuses characters that are newer than this Python's Unicode.
        or not (value.isprintable() or _UNFIT.search(value) is None)
    ):
        raise InvalidClaim(expected=name)
    return value
