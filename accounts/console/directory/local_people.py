"""What this site knows about the people in a list: who they are, and when they were last seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import identity_model

# A search reads at most this many rows, the newest, because no index finds a part of a name.
MAX_ROWS_READ = 20_000
# Each person that is found here takes another call of the user pool.
MAX_FOUND = 5
# The beginning of a name can be one letter. A part of it must be longer, or it is in many names.
MIN_CHARACTERS = 2

# Sessions record their last use about once a minute.
A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """What this site knows about a user.

    Attributes:
        at: the last request of a browser session, or the last sign-in with a browser.
    """

    at: datetime | None
    is_active: bool

    @property
    def is_now(self) -> bool:
        return self.at is not None and timezone.now() - self.at < A_MOMENT


def names_like(text: str, *, limit: int) -> dict[str, str]:
    """Return the user names of people who have signed in here, by `sub`, at most `limit`.

    `text` is a part of their name or address.
    """
    text = text.strip()
    if len(text) < MIN_CHARACTERS:
        return {}
    identities = identity_model().objects
    newest = identities.filter(issuer=settings.COGNITO_ISSUER).order_by("-pk")
    rows = (
        identities.filter(pk__in=newest.values("pk")[:MAX_ROWS_READ])
        .filter(Q(name__icontains=text) | Q(email__icontains=text))
        .order_by("name", "pk")
    )
    return {sub: username or sub for username, sub in rows.values_list("username", "sub")[:limit]}


def seen(subs: Iterable[str]) -> dict[str, Seen]:
    """Return what this site knows about users, by `sub`. One query."""
    identities = identity_model().objects.filter(issuer=settings.COGNITO_ISSUER)
    rows = identities.filter(sub__in=list(subs)).annotate(
        used_at=Max("browser_sessions__last_seen_at")
    )
    return {
        sub: Seen(max(filter(None, (used_at, last_login)), default=None), is_active)
        for sub, used_at, last_login, is_active in rows.values_list(
            "sub", "used_at", "last_login", "is_active"
        )
    }
