"""When and how strongly the user of a browser session last signed in.

Django's session stores it. A sign-in and a confirmation record it. A renewal never does, because a
refresh of the tokens does not show who is at the browser.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from cognito.tokens.authentication import UNKNOWN, AuthenticationContext, context_of
from cognito.tokens.claims import Claims

SESSION_KEY = "authentication"


def record(request: HttpRequest, id_claims: Claims) -> None:
    """Store the context of a verified ID token in the session."""
    auth_time, acr = context_of(id_claims)
    if auth_time is not None:
        # Cognito's clock may be ahead of ours. A time in the future would be recent for longer.
        auth_time = min(auth_time, int(timezone.now().timestamp()))
    request.session[SESSION_KEY] = [auth_time, acr]


def of_session(request: HttpRequest) -> AuthenticationContext:
    """Return the context of the session. It is unknown in sessions of earlier versions."""
    stored = request.session.get(SESSION_KEY)
    return AuthenticationContext(*stored) if stored is not None else UNKNOWN
