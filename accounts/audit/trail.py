"""Write the audit trail."""

from __future__ import annotations

import logging

from django.db import Error as DatabaseFailure
from django.http import HttpRequest

from accounts import process
from accounts.audit.subject import MAX_LABEL_CHARACTERS, Named, Subject
from accounts.client_address import client_address
from accounts.metrics.declared import AUDIT_FAILURES, SIGN_INS
from accounts.models import AbstractIdentity, AuditEvent, identity_model
from accounts.request_actors import delegated_claims
from cognito.attributes.labels import shown

logger = logging.getLogger(__name__)

Action = AuditEvent.Action
Outcome = AuditEvent.Outcome


def find_person(*, issuer: str, sub: str, email: str = "", username: str = "") -> Named:
    """Return the row of a user, or a Subject if the user has none.

    Access tokens contain no e-mail address, and a user who has never signed in with a browser has
    no row. Such a user gets the label of the latest event about them, so that labels stay the same.
    """
    rows = identity_model().objects.filter(issuer=issuer, sub=sub)
    row: AbstractIdentity | None = rows.first()
    if row is not None:
        return row
    if not email:
        named = AuditEvent.objects.filter(subject_sub=sub).exclude(subject_label__in=["", sub])
        email = named.order_by("-at").values_list("subject_label", flat=True).first() or ""
    return Subject(shown(email or username or sub), sub, issuer, username)


def record(
    request: HttpRequest,
    action: AuditEvent.Action,
    outcome: AuditEvent.Outcome,
    *,
    actor: Named | None = None,
    subject: Named | None = None,
    detail: str = "",
) -> None:
    """Write an event. The subject is the actor unless another is given.

    If a service or agent sent the request with a token of the actor (RFC 8693, `act`), it is
    recorded as the actor, and its label names the user.

    Args:
        detail: a stable code, or names of groups. Never a token, code or password.

    Raises django.db.Error. The missing event is then logged, because the action may have happened.
    """
    if action is Action.SIGN_IN:
        process.current.metrics.count(SIGN_INS, outcome.value)
    subject = subject or actor
    claims = delegated_claims(request)
    if claims is not None and actor is not None:
        # The user of a token is nearly always the subject as well.
        user = str(actor) if subject is actor else f"{actor} ({actor.sub})"
        actor = Subject.acting(claims, user)
    event = AuditEvent(
        action=action,
        outcome=outcome,
        detail=shown(detail[:400])[:400],
        actor_sub=actor.sub if actor else "",
        actor_label=str(actor)[:MAX_LABEL_CHARACTERS] if actor else "",
        subject_sub=subject.sub if subject else "",
        subject_label=str(subject)[:MAX_LABEL_CHARACTERS] if subject else "",
        address=client_address(request),
        user_agent=shown(request.headers.get("User-Agent", "")[:400].replace("\0", ""))[:400],
        request_id=getattr(request, "request_id", ""),
    )
    try:
        event.save()
    except DatabaseFailure:
        process.current.metrics.count(AUDIT_FAILURES)
        logger.error(  # noqa: TRY400 # the caller handles the traceback
            "The audit trail lacks an event: %s, %s, by %s, of %s",
            event.action,
            event.outcome,
            event.actor_sub or "unknown",
            event.subject_sub or "unknown",
        )
        raise
