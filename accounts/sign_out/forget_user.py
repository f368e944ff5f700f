"""Delete the data of a user whose account was deleted in the user pool."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from accounts.models import BrowserSession, User
from accounts.sign_out import revocations
from accounts.sign_out.sign_out import REVOKED_FOR

# `forget` sends this signal with `issuer` and `sub`, inside its transaction. Applications that
# store data of the user delete it when they receive the signal.
forgotten = Signal()


def forget(*, issuer: str, sub: str) -> None:
    """End the user's sessions, revoke their bearer tokens, and delete their row.

    Call it after Cognito has deleted the user, when no new tokens can be issued. Repeating it is
    safe.

    The audit trail stays complete, because it stores labels and not references to rows. Django's
    log of the admin refers to the row. The row of an operator in that log is therefore kept without
    names and rights, so that operators cannot erase their traces by deleting their account.
    """
    now = timezone.now()
    with transaction.atomic():
        revocations.revoke_user(issuer=issuer, sub=sub, until=now, expires_at=now + REVOKED_FOR)
        # Lock sessions before their user, in the same order as a renewal, to avoid a deadlock.
        sessions = BrowserSession.objects.filter(user__issuer=issuer, user__sub=sub)
        ended = [one.pk for one in sessions.select_for_update(of=("self",))]
        BrowserSession.objects.filter(pk__in=ended).delete()
        forgotten.send(sender=None, issuer=issuer, sub=sub)
        user = User.objects.select_for_update(of=("self",)).filter(issuer=issuer, sub=sub).first()
        if user is None:
            return
        if LogEntry.objects.filter(user=user).exists():
            _remove_names_and_rights(user)
            return
        user.delete()


def _remove_names_and_rights(user: User) -> None:
    user.groups.clear()
    user.user_permissions.clear()
    user.username = user.email = user.name = ""
    user.email_verified = user.is_staff = user.is_superuser = user.is_active = False
    user.save()
