"""Exceptions that the API raises itself, beyond those of Django REST framework."""

from __future__ import annotations

from rest_framework.exceptions import PermissionDenied


class InsufficientScope(PermissionDenied):
    """The token is good, but does not carry the scope that is needed (RFC 6750 section 3.1)."""

    default_code = "insufficient_scope"
    default_detail = "The token does not carry the scope that this request needs."

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.auth_header = f'Bearer error="insufficient_scope", scope="{scope}"'
