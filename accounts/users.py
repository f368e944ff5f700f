"""Create and update users from verified sign-ins."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from accounts.audit import trail
from accounts.identity.adapter import adapter
from accounts.models.identity import AbstractIdentity
from cognito.attributes.labels import shown
from cognito.errors import SignInError
from cognito.tokens.claims import Claims


class AccountSwitchedOff(SignInError):
    """An operator has made this user inactive."""

    code = "account_switched_off"
    status = HTTPStatus.FORBIDDEN
    title = gettext_noop("Your account is disabled on this site")
    advice = gettext_noop(
        "You signed in correctly, but an operator has disabled your account on this site."
    )


def sync_user(id_claims: Claims, *, request: HttpRequest) -> AbstractIdentity:
    """Return the row of this identity, with labels, staff flags and Django groups updated.

    Call it inside a transaction. The adapter of the project says whether rights follow the Cognito
    groups. `is_active` is set by operators and stays unchanged.

    Raises:
        AccountSwitchedOff: the row is not active.
        AccountNotLinked: the identity is new, and another user has its address.
    """
    users, labels = adapter(), _labels(id_claims)
    row, is_new = users.find_or_create(issuer=id_claims.issuer, sub=id_claims.sub, labels=labels)
    if not row.may_sign_in:
        raise AccountSwitchedOff
    has_new_flags, has_new_permissions = users.update(row, labels, id_claims.groups)
    users.signed_in(row, id_claims.raw)
    if is_new:
        trail.record(request, trail.Action.FIRST_SIGN_IN, trail.Outcome.SUCCESS, actor=row)
    if has_new_permissions or (not is_new and has_new_flags):
        _record_change(request, row, id_claims.groups)
    return row


def follow_groups(
    row: AbstractIdentity, cognito_groups: frozenset[str], *, request: HttpRequest
) -> tuple[AbstractIdentity, bool]:
    """Give the user exactly the rights of these groups. The labels stay unchanged.

    Returns the row, read again, and whether any right changed.
    """
    users = adapter()
    with transaction.atomic():
        locked = users.find(issuer=row.issuer, sub=row.sub, lock=True)
        if locked is None:
            return row, False
        has_changed = users.set_rights(locked, cognito_groups)
        if has_changed:
            _record_change(request, locked, cognito_groups)
    return locked, has_changed


def withhold_rights(request: HttpRequest) -> None:
    """Let the request proceed without the rights that the user's groups gave earlier."""
    if request.user.is_authenticated:
        adapter().withhold_rights(request.user)


def _record_change(
    request: HttpRequest, user: AbstractIdentity, cognito_groups: frozenset[str]
) -> None:
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


def _text(raw: Mapping[str, object], name: str, max_length: int) -> str:
    """Return a label. A long one is shortened rather than refused, because it decides nothing."""
    value = raw.get(name)
    if not isinstance(value, str):
        return ""
    return shown(value[:max_length].replace("\0", ""))[:max_length]
