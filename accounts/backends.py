"""The authentication backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

if TYPE_CHECKING:
    from accounts.models import User

_already_read: ContextVar[User | None] = ContextVar("already_read", default=None)


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

    def get_user(self, user_id: Any) -> User | None:
        """Return the user if it is active, without a query for a user that is `already_read`."""
        user = _already_read.get()
        if user is None or user.pk != user_id:
            return super().get_user(user_id)
        return user if self.user_can_authenticate(user) else None


@contextmanager
def already_read(user: User | None) -> Iterator[None]:
    """Save the query with which Django reads the user of a session. All its checks remain.

    Django calls the backend with nothing but the primary key.
    """
    token = _already_read.set(user)
    try:
        yield
    finally:
        _already_read.reset(token)
