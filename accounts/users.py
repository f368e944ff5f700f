"""User rows from verified sign-ins."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest

from accounts.audit import trail
from accounts.models import User
from cognito.attributes.labels import shown
from cognito.errors import SignInError
from cognito.tokens.claims import Claims


class AccountSwitchedOff(SignInError):
    """An operator has set this user's row inactive."""

    code = "account_switched_off"
    status = HTTPStatus.FORBIDDEN
    title = "Your account is switched off here"
    advice = "You signed in correctly, but an operator has closed this site to your account."


def sync_user(id_claims: Claims, *, request: HttpRequest) -> User:
    """The row of this identity, made or brought up to date: labels, flags and Django groups.

    Call it inside a transaction. Rights follow the Cognito groups both ways, so that one given by
    hand does not outlive the next sign-in. `is_active` belongs to the operators and stays as it is.

    Raises:
        AccountSwitchedOff: the row is not active.
    """
    user, is_new = User.objects.select_for_update(of=("self",)).get_or_create(
        issuer=id_claims.issuer, sub=id_claims.sub
    )
    if not user.is_active:
        raise AccountSwitchedOff
    changed = _save_changes(user, _labels(id_claims) | _flags(id_claims.groups))
    has_new_rights = _follow_groups(user, id_claims.groups)
    if has_new_rights or (not is_new and changed & {"is_staff", "is_superuser"}):
        _record_change(request, user, id_claims.groups)
    return user


def follow_groups(
    user: User, cognito_groups: frozenset[str], *, request: HttpRequest
) -> tuple[User, bool]:
    """Return the row, read again, with exactly the rights of these groups; and whether any changed.

    The labels stay as they are.
    """
    with transaction.atomic():
        row = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        has_new_flags = bool(_save_changes(row, _flags(cognito_groups)))
        has_changed = _follow_groups(row, cognito_groups) or has_new_flags
        if has_changed:
            _record_change(request, row, cognito_groups)
    return row, has_changed


def _save_changes(user: User, wanted: Mapping[str, str | bool]) -> set[str]:
    """The names of the fields that had another value."""
    changed = {name for name, value in wanted.items() if getattr(user, name) != value}
    for name in changed:
        setattr(user, name, wanted[name])
    if changed:
        user.save(update_fields=changed)
    return changed


def _follow_groups(user: User, cognito_groups: frozenset[str]) -> bool:
    """Give the user exactly the permissions of the Django groups of these names.

    Returns whether that changed any. A permission of the row itself was given by hand.
    """
    has_changed = False
    if user.user_permissions.exists():
        user.user_permissions.clear()
        has_changed = True
    wanted = set(Group.objects.filter(name__in=cognito_groups)) if cognito_groups else set()
    if wanted != set(user.groups.all()):
        user.groups.set(wanted)
        has_changed = True
    return has_changed


def _record_change(request: HttpRequest, user: User, cognito_groups: frozenset[str]) -> None:
    trail.record(
        request,
        trail.Action.GROUP_CHANGE,
        trail.Outcome.SUCCESS,
        actor=user,
        detail=", ".join(sorted(cognito_groups)),
    )


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
    if not isinstance(value, str):
        return ""
    return shown(value[:max_length].replace("\0", ""))[:max_length]
