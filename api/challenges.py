"""The `WWW-Authenticate` header of the API's errors (RFC 6750 section 3)."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from api.resource_metadata import PATH


def bearer_challenge(**parameters: str) -> str:
    """Return a challenge with the parameters, and the address of the metadata (RFC 9728).

    The values must be our own, because they are not escaped.
    """
    parameters["resource_metadata"] = f"{settings.PUBLIC_URL}{PATH}"
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parameters.items())


def required_scopes(view: Any) -> tuple[str, ...]:
    """Return the scopes that a token of a third party's client needs for the view.

    `view` is a view of Django REST framework, whose module cannot be imported here: it imports
    api.authentication.
    """
    return tuple(
        scope
        for permission in view.get_permissions()
        for scope in getattr(permission, "scopes", ())
    )
