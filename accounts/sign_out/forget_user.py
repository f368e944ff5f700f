"""Delete the data of a user whose account was deleted in the user pool."""

from __future__ import annotations

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from accounts.identity.adapter import adapter
from accounts.models import BrowserSession
from accounts.sign_out import revocations
from accounts.sign_out.sign_out import REVOKED_FOR

# `forget` sends this signal with `issuer` and `sub`, inside its transaction. Applications that
# store data of the user delete it when they receive the signal.
forgotten = Signal()


def forget(*, issuer: str, sub: str) -> None:
    """End the user's sessions, revoke their bearer tokens, and delete their row.

    Call it after Cognito has deleted the user, when no new tokens can be issued. Repeating it is
    safe.

    The audit trail stays complete, because it stores labels and not references to rows. The
    adapter of the project decides what happens to the row itself.
    """
    now = timezone.now()
    with transaction.atomic():
        revocations.revoke_user(issuer=issuer, sub=sub, until=now, expires_at=now + REVOKED_FOR)
        # Lock sessions before their user, in the same order as a renewal, to avoid a deadlock.
        sessions = BrowserSession.objects.filter(user__issuer=issuer, user__sub=sub)
        ended = [one.pk for one in sessions.select_for_update(of=("self",))]
        BrowserSession.objects.filter(pk__in=ended).delete()
        forgotten.send(sender=None, issuer=issuer, sub=sub)
        users = adapter()
        row = users.find(issuer=issuer, sub=sub, lock=True)
        if row is not None:
            users.forget(row)
