"""The changes of the user pool that the audit trail knows, and that a recovery undoes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.models import AuditEvent

Action = AuditEvent.Action

# A recovery keeps passwords that were changed, and sessions.
UNDONE: Final = frozenset(
    {
        *(Action.FIRST_SIGN_IN, Action.SIGN_UP, Action.CONFIRMATION, Action.INVITE_USER),
        *(Action.CONFIRM_USER, Action.PROFILE_CHANGE, Action.EMAIL_CHANGE, Action.PHONE_CHANGE),
        *(Action.PASSKEY_ON, Action.PASSKEY_OFF, Action.TOTP_ON, Action.TOTP_OFF),
        *(Action.REMOVE_FACTOR, Action.DISABLE_USER, Action.ENABLE_USER),
        *(Action.ADD_TO_GROUP, Action.REMOVE_FROM_GROUP),
        *(Action.CREATE_GROUP, Action.UPDATE_GROUP, Action.DELETE_GROUP),
        *(Action.ACCOUNT_DELETION, Action.DELETE_USER),
    }
)
# Each of these takes something away, so that its end would give it back.
REPEATABLE: Final = (
    *(Action.ACCOUNT_DELETION, Action.DELETE_USER, Action.DISABLE_USER),
    *(Action.REMOVE_FACTOR, Action.REMOVE_FROM_GROUP),
)
# The action that takes another one back.
_OPPOSITES: Final = {
    Action.DISABLE_USER: Action.ENABLE_USER,
    Action.REMOVE_FROM_GROUP: Action.ADD_TO_GROUP,
}


def changes(*, since: datetime, until: datetime, after: int = 0) -> QuerySet[AuditEvent]:
    """Return the successful changes of a time, oldest first. Skip the rows up to `after`."""
    return AuditEvent.objects.filter(
        pk__gt=after, at__gte=since, at__lt=until, action__in=UNDONE, outcome="success"
    ).order_by("pk")


def counts(*, since: datetime, until: datetime) -> Counter[str]:
    """Return how many changes of each action there were."""
    found = changes(since=since, until=until).values_list("action", flat=True)
    return Counter(found.iterator())


def lasting(
    actions: frozenset[str],
    *,
    since: datetime,
    until: datetime,
    after: int = 0,
    except_by: frozenset[str] = frozenset(),
) -> Iterator[AuditEvent]:
    """Yield the events of these actions that no later event has taken back.

    Args:
        after: skip the rows up to this one.
        except_by: leave out what these actors did, by their `sub`.
    """
    later = changes(since=since, until=until)
    for event in changes(since=since, until=until, after=after).filter(action__in=actions):
        if not event.subject_sub or event.actor_sub in except_by:
            continue
        opposite = _OPPOSITES.get(Action(event.action))
        same = later.filter(pk__gt=event.pk, subject_sub=event.subject_sub, detail=event.detail)
        if opposite is None or not same.filter(action=opposite).exists():
            yield event
