"""Writing the audit trail."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.addresses import client_address
from accounts.models import AuditEvent, User

Action = AuditEvent.Action
Outcome = AuditEvent.Outcome


def record(
    request: HttpRequest,
    action: AuditEvent.Action,
    outcome: AuditEvent.Outcome,
    *,
    actor: User | None = None,
    subject: User | None = None,
    detail: str = "",
) -> None:
    """One event. The subject is the actor unless another is given.

    Args:
        detail: a stable code or names of groups; never a token, code or password.
    """
    subject = subject or actor
    AuditEvent.objects.create(
        action=action,
        outcome=outcome,
        detail=detail[:400],
        actor_sub=actor.sub if actor else "",
        actor_label=str(actor)[:320] if actor else "",
        subject_sub=subject.sub if subject else "",
        subject_label=str(subject)[:320] if subject else "",
        address=client_address(request),
        user_agent=request.headers.get("User-Agent", "")[:400].replace("\0", ""),
        request_id=getattr(request, "request_id", ""),
    )
