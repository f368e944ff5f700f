"""Create and update users from verified sign-ins."""

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
    """An operator has made this user inactive."""

    code = "account_switched_off"
    status = HTTPStatus.FORBIDDEN
    title = "Your account is disabled on this site"
    advice = "You signed in correctly, but an operator has disabled your account on this site."


def sync_user(id_claims: Claims, *, request: HttpRequest) -> User:
    """Return the row of this identity, with labels, staff flags and Django groups updated.

    Call it inside a transaction. Rights follow the Cognito groups in both directions, so a right
    that was granted by hand ends at the next sign-in. `is_active` is set by operators and stays
    unchanged.

    Raises:
        AccountSwitchedOff: the row is not active.
    """
    rows = User.objects.select_for_update()
    user, is_new = rows.get_or_create(issuer=id_claims.issuer, sub=id_claims.sub)
    if not user.is_active:
        raise AccountSwitchedOff
    changed = _save_changes(user, _labels(id_claims) | _flags(id_claims.groups))
    if is_new:
        trail.record(request, trail.Action.FIRST_SIGN_IN, trail.Outcome.SUCCESS, actor=user)
    has_new_rights = _follow_groups(user, id_claims.groups)
    if has_new_rights or (not is_new and changed & {"is_staff", "is_superuser"}):
        _record_change(request, user, id_claims.groups)
    return user


def follow_groups(
    user: User, cognito_groups: frozenset[str], *, request: HttpRequest
) -> tuple[User, bool]:
    """Give the user exactly the rights of these groups. The labels stay unchanged.

    Returns the row, read again, and whether any right changed.
    """
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        has_new_flags = bool(_save_changes(row, _flags(cognito_groups)))
        has_changed = _follow_groups(row, cognito_groups) or has_new_flags
        if has_changed:
            _record_change(request, row, cognito_groups)
    return row, has_changed


def _save_changes(user: User, wanted: Mapping[str, str | bool]) -> set[str]:
    """Save the wanted values. Return the names of the fields that had another value."""
    changed = {name for name, value in wanted.items() if getattr(user, name) != value}
    for name in changed:
        setattr(user, name, wanted[name])
    if changed:
        user.save(update_fields=changed)
    return changed


def _follow_groups(user: User, cognito_groups: frozenset[str]) -> bool:
    """Give the user exactly the permissions of the Django groups with these names.

    Permissions of the row itself were granted by hand, so they are removed. Returns whether any
    permission changed.
    """
    has_changed = False
    if user.user_permissions.exists():
        user.user_permissions.clear()
        has_changed = True
    wanted = set(Group.objects.filter(name__in=cognito_groups))
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
        # Only the JSON value true counts. A text such as "false" must not.
        "email_verified": raw.get("email_verified") is True,
        "name": _text(raw, "name", 255),
    }


def _flags(groups: frozenset[str]) -> dict[str, str | bool]:
    is_superuser = not groups.isdisjoint(settings.COGNITO_SUPERUSER_GROUPS)
    is_staff = is_superuser or not groups.isdisjoint(settings.COGNITO_STAFF_GROUPS)
    return {"is_staff": is_staff, "is_superuser": is_superuser}


def _text(raw: Mapping[str, object], name: str, max_length: int) -> str:
    """Return a label. A long one is shortened rather than refused, because it decides nothing."""
    value = raw.get(name)
    if not isinstance(value, str):
        return ""
    return shown(value[:max_length].replace("\0", ""))[:max_length]
