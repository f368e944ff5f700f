"""Repeat what a recovery of the user pool has undone."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from django.conf import settings

from accounts import conf
from accounts.last_superuser import require_other_superuser
from accounts.models import AuditEvent
from accounts.sign_out import forget_user
from accounts.sign_out.sign_out import sign_out_by_operator
from cognito.directory.records import DirectoryUser
from cognito.directory.users import Directory
from cognito.errors import UserNotFound

Action = AuditEvent.Action


def repeat(event: AuditEvent) -> bool:
    """Do again what the event says. Return whether there was something to do.

    Raises:
        LastSuperuser: no other superuser could sign in afterwards.
        CognitoError: Cognito refused, or did not answer.
    """
    directory = conf.directory()
    try:
        # The `sub` finds the user as well, whatever the user name is.
        user = directory.user(event.subject_sub)
    except UserNotFound:
        return False
    action = Action(event.action)
    if action is Action.REMOVE_FROM_GROUP:
        groups = directory.group_names(user.username)
        if event.detail not in groups:
            return False
        with _leaving_a_superuser(directory, user, groups=[event.detail]):
            directory.remove_from_group(user.username, event.detail)
    elif action is Action.REMOVE_FACTOR:
        if event.detail not in user.mfa:
            return False
        directory.remove_factor(user.username, event.detail)
    elif action is Action.DISABLE_USER:
        if not user.is_enabled:
            return False
        with _leaving_a_superuser(directory, user):
            directory.disable(user.username)
        sign_out_by_operator(issuer=_issuer(), sub=user.sub, is_signed_out_at_cognito=False)
    else:
        with _leaving_a_superuser(directory, user):
            directory.delete(user.username)
        forget_user.forget(issuer=_issuer(), sub=user.sub)
    _record(event)
    return True


def _leaving_a_superuser(
    directory: Directory, user: DirectoryUser, *, groups: list[str] | None = None
) -> AbstractContextManager[None]:
    """Return a guard for an action that takes these groups away; by default all of the user's."""
    lost = directory.group_names(user.username) if groups is None else groups
    if settings.COGNITO_SUPERUSER_GROUPS.isdisjoint(lost):
        return nullcontext()
    return require_other_superuser(directory, sub=user.sub)


def _record(event: AuditEvent) -> None:
    AuditEvent(
        action=event.action,
        outcome=AuditEvent.Outcome.SUCCESS,
        actor_label="command line",
        subject_sub=event.subject_sub,
        subject_label=event.subject_label,
        detail=event.detail,
    ).save(force_insert=True)


def _issuer() -> str:
    return str(settings.COGNITO_ISSUER)
