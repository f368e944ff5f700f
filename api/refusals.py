"""Exceptions that the API raises itself, beyond those of Django REST framework."""

from __future__ import annotations

from rest_framework import status
from rest_framework.exceptions import APIException, PermissionDenied


class InsufficientScope(PermissionDenied):
    """The token is good, but does not carry the scope that is needed (RFC 6750 section 3.1)."""

    default_code = "insufficient_scope"
    default_detail = "The token does not carry the scope that this request needs."

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.auth_header = f'Bearer error="insufficient_scope", scope="{scope}"'


class TooManyRows(APIException):
    """An account has stored as much of one kind as it may."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "too_many_rows"

    def __init__(self, kind: str, maximum: int) -> None:
        super().__init__(f"You have {maximum:,} {kind}, which is the limit. Delete some first.")
