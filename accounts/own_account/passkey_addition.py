"""What an added passkey demands of the sign-in, on the page and in the API."""

from __future__ import annotations

from django.conf import settings

from cognito.errors import PasskeysUnavailable
from cognito.user_pool.auth_factors import auth_factors
from cognito.user_pool.passkeys import Passkeys


def needs_level(passkeys: Passkeys) -> bool:
    """Return whether the user must reach the level of the settings to add a passkey.

    A user without a factor that reaches a level adds the first one without it.

    Raises RequestRefused or CognitoUnavailable, as `Passkeys` says.
    """
    if not settings.COGNITO_STEP_UP_ACR:
        return False
    if auth_factors(passkeys.service, passkeys.access_token).has_app:
        return True
    try:
        return bool(passkeys.all())
    except PasskeysUnavailable:
        # The caller meets the same error, and says more about it.
        return False
