"""What is left here of somebody whose account was deleted in the user pool."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from accounts.models import BrowserSession, User
from accounts.sign_out import revocations
from accounts.sign_out.sign_out import REVOKED_FOR

# Sent by `forget` with `issuer` and `sub`, inside its transaction: whoever keeps what is theirs
# deletes it.
forgotten = Signal()


def forget(*, issuer: str, sub: str) -> None:
    """Ends the person's sessions, refuses their bearer tokens from now on, and deletes their row.

    Call it once Cognito has deleted the user: nothing makes new tokens then. Twice does no harm.

    The audit trail names people by what they were called, not by their row, so it stays whole.
    Django's own log of the admin hangs on the row: whoever is in it keeps one without a name, or an
    operator could take back the traces of what they did by leaving.
    """
    now = timezone.now()
    with transaction.atomic():
        revocations.revoke_user(issuer=issuer, sub=sub, until=now, expires_at=now + REVOKED_FOR)
        # Sessions before their user, as a renewal under way locks them: neither waits in a circle.
        sessions = BrowserSession.objects.filter(user__issuer=issuer, user__sub=sub)
        ended = [one.pk for one in sessions.select_for_update(of=("self",))]
        BrowserSession.objects.filter(pk__in=ended).delete()
        forgotten.send(sender=None, issuer=issuer, sub=sub)
        user = User.objects.select_for_update(of=("self",)).filter(issuer=issuer, sub=sub).first()
        if user is None:
            return
        if LogEntry.objects.filter(user=user).exists():
            _take_name_and_rights(user)
            return
        user.delete()


def _take_name_and_rights(user: User) -> None:
    user.groups.clear()
    user.user_permissions.clear()
    user.username = user.email = user.name = ""
    user.email_verified = user.is_staff = user.is_superuser = user.is_active = False
    user.save()
