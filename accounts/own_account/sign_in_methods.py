"""Pages of what a user signs in with: the factors at a glance, and passkeys to add and remove.

This application stores nothing about them. The pages ask Cognito.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import conf
from accounts.audit import trail
from accounts.language.words import advice_of, message_of, title_of
from accounts.own_account import passkey_removal
from accounts.own_account.access import account_page, account_problem, own_account, owner_of
from accounts.own_account.passkey_addition import needs_level
from accounts.own_account.security_advice import advice, protections
from accounts.sessions.guards import signed_in_user
from accounts.step_up.guards import confirm_first, recent_authentication
from cognito.errors import (
    InvalidParameter,
    LastFactor,
    PasskeyNotFound,
    PasskeyRefused,
    PasskeysUnavailable,
    TooManyAttempts,
)
from cognito.hosted_ui.endpoints import add_passkey_url
from cognito.user_pool.auth_factors import auth_factors
from cognito.user_pool.passkeys import (
    MAX_ID_CHARACTERS,
    MAX_PASSKEYS,
    Passkeys,
    covers,
    relying_party_of,
)

PAGE = "accounts:sign-in-methods"

# With an attestation, which has a chain of certificates, a credential has about 10,000.
MAX_CREDENTIAL_CHARACTERS = 32_768

# It answers options of Cognito that have expired after a new sign-in.
_NOT_KEPT = frozenset({"credential"})
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@require_safe
@account_page
def sign_in_methods(request: HttpRequest) -> HttpResponse:
    """Show which factors are on, and the passkeys."""
    user = signed_in_user(request)
    passkeys = _passkeys(request)
    factors = auth_factors(passkeys.service, passkeys.access_token)
    try:
        listed = passkeys.all()
    except PasskeysUnavailable:
        listed = []
    listed.sort(key=lambda passkey: passkey.created_at or _LONG_AGO, reverse=True)
    context = {
        "protections": protections(factors, listed),
        "advice": advice(factors, listed, has_verified_email=user.email_verified),
        "passkeys": listed,
        "is_last": factors.only_passkeys and len(listed) == 1,
        "has_room": len(listed) < MAX_PASSKEYS,
        "maximum": MAX_PASSKEYS,
    }
    return render(request, "gatehouse/sign_in_methods.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
@recent_authentication(acr="", not_kept=tuple(_NOT_KEPT))
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Create a passkey on this page, or redirect to managed login if only its pages can do that.

    A passkey can be a user's first strong factor, so only a user who has one needs the level of the
    settings.
    """
    passkeys = _passkeys(request)
    if needs_level(passkeys) and (answer := confirm_first(request, not_kept=_NOT_KEPT)):
        return answer
    return (
        _register(request, passkeys) if request.method == "POST" else _add_page(request, passkeys)
    )


def _register(request: HttpRequest, passkeys: Passkeys) -> HttpResponse:
    credential = _credential(request.POST.get("credential", ""))
    if credential is None:
        return _add_page(request, passkeys, error=_("The browser created no passkey. Try again."))
    try:
        passkeys.register(credential)
    except PasskeyRefused as refused:
        return _add_page(request, passkeys, error=message_of(refused))
    except InvalidParameter:
        error = _("This passkey was not accepted. It may be registered already.")
        return _add_page(request, passkeys, error=error)
    except TooManyAttempts:
        return _no_room(request)
    user = signed_in_user(request)
    trail.record(request, trail.Action.PASSKEY_ON, trail.Outcome.SUCCESS, actor=user)
    messages.success(request, _("Added the passkey. You can sign in with it from now on."))
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
@recent_authentication()
def remove_passkey(request: HttpRequest) -> HttpResponse:
    """Remove a passkey after a confirmation."""
    if request.method != "POST":
        wanted = request.GET.get("id", "")
        passkey = next((one for one in _passkeys(request).all() if one.id == wanted), None)
        if passkey is None:
            return _no_such_passkey(request)
        return render(request, "gatehouse/passkey_removal.html", {"passkey": passkey})
    passkey_id = request.POST.get("id", "")
    if not 0 < len(passkey_id) <= MAX_ID_CHARACTERS:
        return _no_such_passkey(request)
    try:
        passkey_removal.remove_passkey(owner_of(request), passkey_id)
    except (PasskeyNotFound, InvalidParameter):
        return _no_such_passkey(request)
    except LastFactor as refused:
        return account_problem(
            request, title_of(refused), advice_of(refused), status=refused.status
        )
    messages.success(
        request,
        _("Removed the passkey. Delete it on your device or in your password manager, too."),
    )
    return redirect(PAGE)


def _passkeys(request: HttpRequest) -> Passkeys:
    account = own_account(request)
    return Passkeys(account.service, account.access_token)


def _add_page(request: HttpRequest, passkeys: Passkeys, *, error: str = "") -> HttpResponse:
    try:
        options = passkeys.begin()
    except PasskeysUnavailable as unavailable:
        text = _("Nothing has changed. Ask an operator if you need passkeys.")
        return account_problem(request, title_of(unavailable), text, status=unavailable.status)
    except TooManyAttempts:
        return _no_room(request)
    host = urlsplit(settings.PUBLIC_ORIGIN).hostname or ""
    if not covers(relying_party_of(options), host):
        return redirect(add_passkey_url(conf.web_client()))
    status = HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK
    context = {"options": options, "error": error}
    return render(request, "gatehouse/passkey_addition.html", context, status=status)


def _no_room(request: HttpRequest) -> HttpResponse:
    return account_problem(
        request,
        _("You cannot add another passkey now"),
        _(
            "Nothing has changed. An account has at most %(maximum)d passkeys. Remove one, or try "
            "again later."
        )
        % {"maximum": MAX_PASSKEYS},
        status=HTTPStatus.CONFLICT,
    )


def _no_such_passkey(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("You have no such passkey. It may be removed already."))
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
