"""Delete the user's own account."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext, suppress

from django.conf import settings
from django.db import transaction

from accounts import conf
from accounts.audit import trail
from accounts.last_superuser import require_other_superuser
from accounts.not_allowed import LastSuperuser
from accounts.own_account.owner import Owner
from accounts.sign_out import forget_user
from cognito.errors import UserNotFound


def delete_account(owner: Owner) -> None:
    """Delete the account in the user pool, and the user's data here except the audit trail.

    If an earlier attempt deleted the user in the pool only, this deletes the rest.

    Raises:
        LastSuperuser: the user is the last superuser who can sign in. Nothing was deleted.
        RequestRefused, CognitoUnavailable: nothing was deleted here, and perhaps nothing at all.
    """
    pool = owner.pool()
    try:
        with _leaving_a_superuser(owner), suppress(UserNotFound):
            pool.delete()
    except LastSuperuser as refused:
        owner.record(trail.Action.ACCOUNT_DELETION, trail.Outcome.FAILURE, detail=refused.code)
        raise
    _forget(owner)


def finish_deletion(owner: Owner) -> bool:
    """Delete the user's data here if the user pool has no such user any more.

    For a user whose tokens Cognito refuses because an earlier attempt deleted the account there and
    then failed. Return whether the data was deleted.
    """
    try:
        conf.directory().user(owner.username)
    except UserNotFound:
        _forget(owner)
        return True
    return False


def _forget(owner: Owner) -> None:
    with transaction.atomic():
        # Record before the row is deleted, because the audit event takes the label from it.
        owner.record(trail.Action.ACCOUNT_DELETION)
        forget_user.forget(issuer=owner.issuer, sub=owner.sub)


def _leaving_a_superuser(owner: Owner) -> AbstractContextManager[None]:
    """Return a guard that raises LastSuperuser, if the user is a superuser.

    The pool decides, with the rights of operators, because a token or a row here can be older than
    the user's groups. A site that names no group of superusers has none to keep.
    """
    if not settings.COGNITO_SUPERUSER_GROUPS:
        return nullcontext()
    directory = conf.directory()
    try:
        groups = directory.groups_of(owner.username)
    except UserNotFound:
        return nullcontext()
    if settings.COGNITO_SUPERUSER_GROUPS.isdisjoint(group.name for group in groups):
        return nullcontext()
    return require_other_superuser(directory, sub=owner.sub)
