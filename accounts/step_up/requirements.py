"""What an operation demands of the sign-in, by default as the settings say."""

from __future__ import annotations

from django.conf import settings

from cognito.tokens.authentication import Requirement, levels


def requirement(*, seconds: int | None = None, acr: str | None = None) -> Requirement:
    """Return the requirement of an operation.

    Args:
        seconds: the maximum age of the sign-in. None for COGNITO_STEP_UP_SECONDS.
        acr: the accepted levels, separated by spaces; empty for any. None for COGNITO_STEP_UP_ACR.

    Raises ValueError for a malformed level.
    """
    return Requirement(
        settings.COGNITO_STEP_UP_SECONDS if seconds is None else seconds,
        settings.COGNITO_STEP_UP_ACR if acr is None else levels(acr),
    )
