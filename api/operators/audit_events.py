"""`operators/audit-events`: the audit trail."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.audit.export import COLUMNS
from accounts.models import AuditEvent
from api.fields import Text
from api.operators.operator_view import OperatorView
from api.operators.permissions import IsOperator
from api.pagination import CursorPages, PageQuery
from api.permissions import HasScope

MAX_SUB = 255


class AuditEventSerializer(serializers.ModelSerializer[AuditEvent]):
    """An audit event. Labels are those of the users at the time of the event.

    If a service or agent acted for a user, it is the actor, and `actor_label` names both.
    """

    class Meta:
        model = AuditEvent
        fields = ("id", *COLUMNS)
        read_only_fields: ClassVar = fields


class AuditEventFilter(serializers.Serializer[dict[str, Any]]):
    """Query parameters that filter the events."""

    actor = Text(
        required=False,
        max_length=MAX_SUB,
        help_text="`sub` of the actor, which can be a service or agent.",
    )
    subject = Text(required=False, max_length=MAX_SUB, help_text="`sub` of the subject.")
    action = serializers.ChoiceField(required=False, choices=AuditEvent.Action.choices)
    outcome = serializers.ChoiceField(required=False, choices=AuditEvent.Outcome.choices)
    since = serializers.DateTimeField(
        required=False, help_text="Only events at this time or later (RFC 3339)."
    )
    until = serializers.DateTimeField(
        required=False, help_text="Only events before this time (RFC 3339)."
    )


LOOKUPS = {
    "actor": "actor_sub",
    "subject": "subject_sub",
    "action": "action",
    "outcome": "outcome",
    "since": "at__gte",
    "until": "at__lt",
}


class AuditEventPages(CursorPages):
    """Pages of events, newest first."""

    ordering = ("-at", "-id")


class AuditEventsView(OperatorView):
    """The audit trail."""

    permission_classes = (IsOperator, HasScope("api/audit"))
    pagination_class = AuditEventPages
    takes_query = (PageQuery, AuditEventFilter)

    def get(self, request: Request) -> Response:
        """List events, newest first."""
        query = AuditEventFilter(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = {LOOKUPS[name]: value for name, value in query.validated_data.items()}
        pages = self.pagination_class()
        page = pages.paginate_queryset(AuditEvent.objects.filter(**wanted), request, view=self)
        return pages.get_paginated_response(AuditEventSerializer(page, many=True).data)
