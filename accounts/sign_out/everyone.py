"""Sign all users out, for example after the database was restored from a backup.

A backup does not know the sign-outs that came after it, so sessions and tokens that were ended
would be valid again.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import AuditEvent, BrowserSession
from accounts.process.revocation_list import EVERYONE
from accounts.sign_out import revocations
from accounts.sign_out.sign_out import REVOKED_FOR

# Each batch is a transaction, so that no lock is held for long.
BATCH_SIZE = 1000


def sign_out_everyone() -> int:
    """End all browser sessions, and refuse all tokens of sign-ins up to now.

    Tokens that a refresh makes later belong to these sign-ins and are refused as well, for as long
    as a refresh token can be valid. Return how many sessions there were.
    """
    now = timezone.now()
    lifetime = timedelta(days=settings.COGNITO_REFRESH_TOKEN_DAYS) + REVOKED_FOR
    revocations.revoke_user(
        issuer=settings.COGNITO_ISSUER, sub=EVERYONE, until=now, expires_at=now + lifetime
    )
    earlier = BrowserSession.objects.filter(signed_in_at__lte=now)
    ended = 0
    while batch := list(earlier.values_list("pk", flat=True)[:BATCH_SIZE]):
        ended += earlier.filter(pk__in=batch).delete()[0]
    AuditEvent(
        action=AuditEvent.Action.SIGN_OUT_USER,
        outcome=AuditEvent.Outcome.SUCCESS,
        actor_label="command line",
        subject_label="all users",
        detail=f"{ended} sessions",
    ).save(force_insert=True)
    return ended
