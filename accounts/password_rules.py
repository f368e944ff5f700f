"""Refuse common passwords wherever this application sets one.

The hosted UI accepts them, because it belongs to Cognito: see docs/security.md.
"""

from __future__ import annotations

from functools import cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from cognito.attributes import common_passwords


@cache
def _known() -> frozenset[str]:
    """Return Django's list. Reading it is slow, so it happens with the first password."""
    from django.contrib.auth import password_validation  # noqa: PLC0415 # as above

    return frozenset(password_validation.CommonPasswordValidator().passwords)


def not_common(password: str) -> None:
    """Raise ValidationError for a password that attackers try first."""
    if common_passwords.is_common(password, _known()):
        raise ValidationError(gettext(common_passwords.MESSAGE), code="password_too_common")
