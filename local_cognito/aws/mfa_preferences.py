"""E-mail codes as a second factor, whose setting MiniStack ignores."""
# ruff: noqa: SLF001

from __future__ import annotations

from typing import Any

from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.sign_in.second import EMAIL


def install(cognito: Any) -> None:
    """Wrap what SetUserMFAPreference and AdminSetUserMFAPreference share."""
    apply_others = cognito._apply_mfa_preference

    def apply(user: Record, request: Record) -> None:
        apply_others(user, request)
        settings = request.get("EmailMfaSettings")
        if not isinstance(settings, dict) or "Enabled" not in settings:
            return
        enabled = [name for name in user.get("_mfa_enabled", ()) if name != EMAIL]
        user["_mfa_enabled"] = [*enabled, EMAIL] if settings["Enabled"] else enabled
        if settings["Enabled"] and settings.get("PreferredMfa"):
            user["_preferred_mfa"] = EMAIL
        elif user.get("_preferred_mfa") == EMAIL:
            user["_preferred_mfa"] = ""

    cognito._apply_mfa_preference = apply
