"""The signed-in user in templates."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.sessions.guards import identity_of


def identity(request: HttpRequest) -> dict[str, Any]:
    """Return the context of every page: who has signed in, or None. It is a context processor.

    `user` of Django is the project's user, who may have signed in elsewhere and has other fields.
    """
    if not hasattr(request, "user"):
        # A request that was refused early.
        return {"identity": None}
    return {"identity": SimpleLazyObject(lambda: identity_of(request))}
