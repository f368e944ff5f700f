"""Plain words for the names in Cognito's API: statuses, factors, sessions and devices."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cognito.attributes.labels import shown
from cognito.directory.access import PoolSession, RememberedDevice
from cognito.user_pool.auth_factors import AuthFactors
from cognito.user_pool.challenges import WEB_AUTHN

STATUSES: Final = {
    "UNCONFIRMED": gettext_lazy("Not confirmed"),
    "CONFIRMED": gettext_lazy("Confirmed"),
    "FORCE_CHANGE_PASSWORD": gettext_lazy("Must set a password"),
    "RESET_REQUIRED": gettext_lazy("Must reset the password"),
    "EXTERNAL_PROVIDER": gettext_lazy("Signs in with another provider"),
    "ARCHIVED": gettext_lazy("Archived"),
    "COMPROMISED": gettext_lazy("Compromised"),
    "UNKNOWN": gettext_lazy("Unknown"),
}
FIRST_FACTORS: Final = {
    "PASSWORD": gettext_lazy("Password"),
    "WEB_AUTHN": gettext_lazy("Passkeys"),
    "EMAIL_OTP": gettext_lazy("Codes by e-mail"),
    "SMS_OTP": gettext_lazy("Codes by text message"),
}
SECOND_FACTORS: Final = {
    "SOFTWARE_TOKEN_MFA": gettext_lazy("Authenticator app"),
    "SMS_MFA": gettext_lazy("Codes by text message"),
    "EMAIL_OTP": gettext_lazy("Codes by e-mail"),
    "WEB_AUTHN_MFA": gettext_lazy("Passkey"),
}


def status(name: str) -> str:
    return str(STATUSES.get(name, shown(name)))


def first_factor(name: str) -> str:
    return str(FIRST_FACTORS.get(name, shown(name)))


def factor(name: str) -> str:
    """Return the words for a second factor."""
    return str(SECOND_FACTORS.get(name, shown(name)))


def factors(known: AuthFactors) -> list[str]:
    """Return what protects an account in addition to a password, in few words."""
    passkey = [_("Passkey")] if WEB_AUTHN in known.first else []
    return [*map(factor, sorted(known.second)), *passkey]


def app(session: PoolSession) -> str:
    """Return the app of a session, as far as this application knows its name."""
    if session.is_hosted:
        return _("Hosted UI")
    if session.client_id == settings.COGNITO_CLIENT_ID:
        return str(settings.SITE_NAME)
    return session.client_id or _("Unknown app")


def session(one: PoolSession) -> str:
    """Return one line about a session."""
    seen = one.last_active_at.strftime("%Y-%m-%d %H:%M") if one.last_active_at else ""
    parts = (app(one), one.device or _("Unknown device"), one.place, one.address, seen)
    return ", ".join(part for part in parts if part)


def device(one: RememberedDevice) -> str:
    """Return one line about a remembered device."""
    seen = one.last_used_at.strftime("%Y-%m-%d %H:%M") if one.last_used_at else ""
    parts = (one.name or _("Unnamed device"), one.address, seen)
    return ", ".join(part for part in parts if part)
