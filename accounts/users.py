"""User rows from verified sign-ins."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings

from accounts.models import User
from cognito.claims import Claims
from cognito.errors import SignInError


class AccountSwitchedOff(SignInError):
    """An operator has set this user's row inactive."""

    code = "account_switched_off"
    message = "This account is switched off."


def user_of(id_claims: Claims) -> User:
    """The row of this identity, made or brought up to date: labels, and flags by group.

    Call it inside a transaction. The flags follow the groups both ways, so that a right given by
    hand does not outlive the next sign-in. `is_active` is the operators' and is left alone.

    Raises:
        AccountSwitchedOff: the row is not active.
    """
    user, _ = User.objects.update_or_create(
        issuer=id_claims.issuer,
        sub=id_claims.sub,
        defaults=_labels(id_claims) | _flags(id_claims.groups),
    )
    if not user.is_active:
        raise AccountSwitchedOff
    return user


def _labels(id_claims: Claims) -> dict[str, str | bool]:
    raw = id_claims.raw
    return {
        "username": _text(raw, "cognito:username", 255),
        "email": _text(raw, "email", 320),
        # The text "false" is not true, and neither is the text "true".
        "email_verified": raw.get("email_verified") is True,
        "name": _text(raw, "name", 255),
    }


def _flags(groups: frozenset[str]) -> dict[str, bool]:
    is_superuser = not groups.isdisjoint(settings.COGNITO_SUPERUSER_GROUPS)
    is_staff = is_superuser or not groups.isdisjoint(settings.COGNITO_STAFF_GROUPS)
    return {"is_staff": is_staff, "is_superuser": is_superuser}


def _text(raw: Mapping[str, object], name: str, max_length: int) -> str:
    """A label is cut rather than refused: it decides nothing."""
    value = raw.get(name)
    return value[:max_length].replace("\0", "") if isinstance(value, str) else ""
