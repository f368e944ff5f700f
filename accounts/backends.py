"""How Django finds the user of a session, and what a user may do."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest


class CognitoBackend(ModelBackend):
    """Permissions from Django's groups, users from sign-ins.

    There are no credentials to check here: the callback view signs a user in after it has verified
    Cognito's tokens, so `authenticate` knows nobody.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> None:
        return None
