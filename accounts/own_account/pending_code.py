"""The address or number of a user to which a code was sent, until the user enters the code.

The session keeps it. Cognito does not tell which new address waits for its code.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

SESSION_KEY = "pending_code"
# The code was sent after a recent sign-in. An attacker who later finds the computer unlocked must
# not be able to use it. Cognito's own codes expire only after 24 hours.
SECONDS = 60 * 60


@dataclass(frozen=True, slots=True)
class PendingCode:
    """A code that was sent.

    Attributes:
        attribute: `email` or `phone_number`.
        target: the address or number.
        is_new: whether the target becomes the user's only with the code.
    """

    attribute: str
    target: str
    is_new: bool


def remember(request: HttpRequest, pending: PendingCode) -> None:
    """Keep where a code was sent. It replaces an earlier one."""
    now = int(timezone.now().timestamp())
    request.session[SESSION_KEY] = [pending.attribute, pending.target, pending.is_new, now]


def find(request: HttpRequest) -> PendingCode | None:
    """Return where a code was sent, or None without a code in the last hour."""
    stored = request.session.get(SESSION_KEY)
    if stored is None:
        return None
    attribute, target, is_new, sent_at = stored
    if timezone.now().timestamp() - sent_at > SECONDS:
        return None
    return PendingCode(attribute, target, is_new)


def forget(request: HttpRequest) -> None:
    """Forget the code, because it was used or the user gave up."""
    request.session.pop(SESSION_KEY, None)
