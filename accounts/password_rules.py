"""Passwords that are refused wherever this application takes a new one.

The hosted UI is Cognito's, and takes them: docs/security.md.
"""

from __future__ import annotations

from functools import cache

from django.core.exceptions import ValidationError

from cognito.attributes import common_passwords


@cache
def _known() -> frozenset[str]:
    """Django's list. Read when the first password comes: it takes as long as many requests."""
    from django.contrib.auth import password_validation  # noqa: PLC0415 # as above

    return frozenset(password_validation.CommonPasswordValidator().passwords)


def not_common(password: str) -> None:
    """Raise ValidationError for a password that attackers try first."""
    if common_passwords.is_common(password, _known()):
        raise ValidationError(common_passwords.MESSAGE, code="password_too_common")
