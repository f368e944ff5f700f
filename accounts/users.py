"""User rows from verified sign-ins."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts import audit
from accounts.models import User
from cognito.claims import Claims
from cognito.errors import SignInError


class AccountSwitchedOff(SignInError):
    """An operator has set this user's row inactive."""

    code = "account_switched_off"
    message = "This account is switched off."


def user_of(id_claims: Claims, *, request: HttpRequest) -> User:
    """The row of this identity, made or brought up to date: labels, flags and Django groups.

    Call it inside a transaction. Rights follow the Cognito groups both ways, so that one given by
    hand does not outlive the next sign-in. `is_active` is the operators' and is left alone.

    Raises:
        AccountSwitchedOff: the row is not active.
    """
    user, is_new = User.objects.select_for_update(of=("self",)).get_or_create(
        issuer=id_claims.issuer, sub=id_claims.sub
    )
    if not user.is_active:
        raise AccountSwitchedOff
    changes = _labels(id_claims) | _flags(id_claims.groups)
    changed = {name for name, value in changes.items() if getattr(user, name) != value}
    for name in changed:
        setattr(user, name, changes[name])
    if changed:
        user.save(update_fields=changed)
    has_new_groups = _follow_groups(user, id_claims.groups)
    if has_new_groups or (not is_new and changed & {"is_staff", "is_superuser"}):
        audit.record(
            request,
            audit.Action.GROUP_CHANGE,
            audit.Outcome.SUCCESS,
            actor=user,
            detail=", ".join(sorted(id_claims.groups)),
        )
    return user


def _follow_groups(user: User, cognito_groups: frozenset[str]) -> bool:
    """Gives the user exactly the Django groups of the same names; whether that changed any."""
    wanted = set(Group.objects.filter(name__in=cognito_groups)) if cognito_groups else set()
    if wanted == set(user.groups.all()):
        return False
    user.groups.set(wanted)
    return True


def _labels(id_claims: Claims) -> dict[str, str | bool]:
    raw = id_claims.raw
    return {
        "username": _text(raw, "cognito:username", 255),
        "email": _text(raw, "email", 320),
        # The text "false" is not true, and neither is the text "true".
        "email_verified": raw.get("email_verified") is True,
        "name": _text(raw, "name", 255),
    }


def _flags(groups: frozenset[str]) -> dict[str, str | bool]:
    is_superuser = not groups.isdisjoint(settings.COGNITO_SUPERUSER_GROUPS)
    is_staff = is_superuser or not groups.isdisjoint(settings.COGNITO_STAFF_GROUPS)
    return {"is_staff": is_staff, "is_superuser": is_superuser}


def _text(raw: Mapping[str, object], name: str, max_length: int) -> str:
    """A label is cut rather than refused: it decides nothing."""
    value = raw.get(name)
    return value[:max_length].replace("\0", "") if isinstance(value, str) else ""
