"""The authentication backend."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest


class CognitoBackend(ModelBackend):
    """Loads the user of a session, and permissions from Django's groups.

    It checks no credentials: the callback view signs users in after it has verified Cognito's
    tokens, so `authenticate` always returns None.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> None:
        return None
