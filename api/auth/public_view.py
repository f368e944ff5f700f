"""The base of the public views of `/api/v1/auth/…`."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer

from accounts.audit import trail
from accounts.audit.subject import Subject
from api.contract_view import ContractView
from cognito.tokens.claims import Claims


class PublicView(ContractView):
    """A view without authentication. It ignores the Authorization header, even an invalid one."""

    authentication_classes = ()
    permission_classes = ()
    takes: type[Serializer[dict[str, Any]]]

    def fields(self, request: Request) -> dict[str, Any]:
        """Return the members of the body. Raise ValidationError that names the invalid ones."""
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
        """Record an audit event about a verified identity or, without claims, an e-mail address."""
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
