"""What all addresses of `/api/v1/auth/…` that anyone may call have in common."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer

from accounts.audit import trail
from accounts.audit.subject import Subject
from api.contract_view import ContractView
from cognito.tokens.claims import Claims


class PublicView(ContractView):
    """Credentials are in the body alone: a token in a header is not looked at, good or bad."""

    authentication_classes = ()
    permission_classes = ()
    takes: type[Serializer[dict[str, Any]]]

    def fields(self, request: Request) -> dict[str, Any]:
        """The body's members. Raises ValidationError, which names each that is no good."""
        serializer = self.takes(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        return fields

    def record(
        self,
        action: trail.Action,
        outcome: trail.Outcome,
        *,
        email: str = "",
        claims: Claims | None = None,
        detail: str = "",
    ) -> None:
        """One line in the audit trail, of an address somebody typed or of a verified identity."""
        email = email or (claims and claims.email) or ""
        person = (
            trail.find_person(issuer=claims.issuer, sub=claims.sub, email=email)
            if claims
            else Subject.named(email)
        )
        trail.record(
            self.request,
            action,
            outcome,
            actor=person if claims else None,
            subject=person,
            detail=detail,
        )
