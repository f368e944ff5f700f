"""Pages of what a user signs in with: the factors at a glance, and passkeys to add and remove.

This application stores nothing about them. The pages ask Cognito.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import conf
from accounts.audit import trail
from accounts.own_account.access import account_page, account_problem, own_account
from accounts.sessions.guards import signed_in_user
from accounts.step_up.guards import recent_authentication
from cognito.errors import (
    InvalidParameter,
    LastFactor,
    PasskeyNotFound,
    PasskeyRefused,
    PasskeysUnavailable,
    TooManyAttempts,
)
from cognito.hosted_ui.endpoints import add_passkey_url
from cognito.user_pool.auth_factors import AuthFactors, auth_factors
from cognito.user_pool.challenges import EMAIL_OTP, PASSWORD, SMS_MFA, SMS_OTP
from cognito.user_pool.passkeys import (
    MAX_ID_CHARACTERS,
    MAX_PASSKEYS,
    Passkey,
    Passkeys,
    covers,
    relying_party_of,
)

PAGE = "accounts:sign-in-methods"

# With an attestation, which has a chain of certificates, a credential has about 10,000.
MAX_CREDENTIAL_CHARACTERS = 32_768

_NOT_CREATED = "The browser created no passkey. Try again."
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Protection:
    """A factor as the page shows it.

    Attributes:
        name: for users.
        explanation: what it does while it is on, or what it would do.
        url_name: the page that changes it, or an empty string.
    """

    name: str
    is_on: bool
    explanation: str
    url_name: str = ""


@require_safe
@account_page
def sign_in_methods(request: HttpRequest) -> HttpResponse:
    """Show which factors are on, and the passkeys."""
    passkeys = _passkeys(request)
    factors = auth_factors(passkeys.service, passkeys.access_token)
    try:
        listed = passkeys.all()
    except PasskeysUnavailable:
        listed = []
    listed.sort(key=lambda passkey: passkey.created_at or _LONG_AGO, reverse=True)
    context = {
        "protections": _protections(factors, listed),
        "passkeys": listed,
        "is_last": factors.only_passkeys and len(listed) == 1,
        "has_room": len(listed) < MAX_PASSKEYS,
        "maximum": MAX_PASSKEYS,
    }
    return render(request, "accounts/sign_in_methods.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
@recent_authentication(acr="", not_kept=("credential",))
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Create a passkey on this page, or redirect to managed login if only its pages can do that.

    A passkey can be a user's first strong factor, so adding one needs no level.
    """
    passkeys = _passkeys(request)
    if request.method != "POST":
        return _add_page(request, passkeys)
    credential = _credential(request.POST.get("credential", ""))
    if credential is None:
        return _add_page(request, passkeys, error=_NOT_CREATED)
    try:
        passkeys.register(credential)
    except PasskeyRefused as refused:
        return _add_page(request, passkeys, error=refused.message)
    except InvalidParameter:
        error = "This passkey was not accepted. It may be registered already."
        return _add_page(request, passkeys, error=error)
    except TooManyAttempts:
        return _no_room(request)
    user = signed_in_user(request)
    trail.record(request, trail.Action.PASSKEY_ON, trail.Outcome.SUCCESS, actor=user)
    messages.success(request, "Added the passkey. You can sign in with it from now on.")
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
@recent_authentication()
def remove_passkey(request: HttpRequest) -> HttpResponse:
    """Remove a passkey after a confirmation."""
    passkeys = _passkeys(request)
    if request.method != "POST":
        wanted = request.GET.get("id", "")
        passkey = next((one for one in passkeys.all() if one.id == wanted), None)
        if passkey is None:
            return _no_such_passkey(request)
        return render(request, "accounts/passkey_removal.html", {"passkey": passkey})
    passkey_id = request.POST.get("id", "")
    if not 0 < len(passkey_id) <= MAX_ID_CHARACTERS:
        return _no_such_passkey(request)
    try:
        passkeys.delete(passkey_id)
    except (PasskeyNotFound, InvalidParameter):
        return _no_such_passkey(request)
    except LastFactor as refused:
        return account_problem(request, refused.title, refused.advice, status=refused.status)
    user = signed_in_user(request)
    trail.record(request, trail.Action.PASSKEY_OFF, trail.Outcome.SUCCESS, actor=user)
    messages.success(
        request, "Removed the passkey. Delete it on your device or in your password manager, too."
    )
    return redirect(PAGE)


def _passkeys(request: HttpRequest) -> Passkeys:
    account = own_account(request)
    return Passkeys(account.service, account.access_token)


def _add_page(request: HttpRequest, passkeys: Passkeys, *, error: str = "") -> HttpResponse:
    try:
        options = passkeys.begin()
    except PasskeysUnavailable as unavailable:
        advice = "Nothing has changed. Ask an operator if you need passkeys."
        return account_problem(request, unavailable.title, advice, status=unavailable.status)
    except TooManyAttempts:
        return _no_room(request)
    host = urlsplit(settings.PUBLIC_ORIGIN).hostname or ""
    if not covers(relying_party_of(options), host):
        return redirect(add_passkey_url(conf.web_client()))
    status = HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK
    context = {"options": options, "error": error}
    return render(request, "accounts/passkey_addition.html", context, status=status)


def _no_room(request: HttpRequest) -> HttpResponse:
    return account_problem(
        request,
        "You cannot add another passkey now",
        f"Nothing has changed. An account has at most {MAX_PASSKEYS} passkeys. Remove one, or try "
        "again later.",
        status=HTTPStatus.CONFLICT,
    )


def _no_such_passkey(request: HttpRequest) -> HttpResponse:
    messages.warning(request, "You have no such passkey. It may be removed already.")
    return redirect(PAGE)


def _credential(text: str) -> dict[str, Any] | None:
    """Return the credential that the page's script posts, or None if it is malformed."""
    if len(text) > MAX_CREDENTIAL_CHARACTERS:
        return None
    try:
        credential = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return credential if isinstance(credential, dict) else None


def _protections(factors: AuthFactors, passkeys: list[Passkey]) -> list[Protection]:
    email_is_second = EMAIL_OTP in factors.second
    protections = [
        Protection("Password", PASSWORD in factors.first, "You can sign in with it."),
        Protection(
            "Passkeys",
            bool(passkeys),
            "You can sign in with your device. A passkey works on this site only.",
        ),
        Protection(
            "Authenticator app",
            factors.has_app,
            "With it, a sign-in with your password also needs a code from the app.",
            "accounts:second-factor",
        ),
        Protection(
            "Code by e-mail",
            email_is_second or EMAIL_OTP in factors.first,
            "A sign-in with a password also needs a code that we send to you."
            if email_is_second
            else "You can sign in with a code that we send to you.",
        ),
    ]
    if SMS_OTP in factors.first or SMS_MFA in factors.second:
        explanation = "A sign-in can ask for a code that we send to your phone."
        protections.append(Protection("Code by text message", is_on=True, explanation=explanation))
    return protections
