"""Login transactions in this browser's cookies, and the record of those that were used up."""

from __future__ import annotations

import hashlib
import re
import time
from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from accounts.models import UsedLogin
from cognito.errors import InvalidTransaction
from cognito.hosted_ui import login_transaction as login
from cognito.hosted_ui.login_transaction import LoginTransaction

# One browser's sign-ins in flight. The oldest go first; the Cookie header stays under 4 KB.
MAX_IN_FLIGHT = 6
# Cookies that one answer deletes. Other sites of the same domain can plant hundreds, and proxies
# refuse an answer with a header for each; the next answers delete the rest.
MAX_DELETED = 10


def begin(next_path: str) -> LoginTransaction:
    return login.begin(key=settings.SECRET_KEY, next_path=next_path, now=time.time())


def remember(
    response: HttpResponse, request: HttpRequest, login_transaction: LoginTransaction
) -> None:
    """Puts the transaction into a cookie of its own, so that tabs do not disturb each other."""
    in_flight = sorted(_cookies(request).items(), key=lambda item: _started_at(item[1]))
    too_many = max(0, len(in_flight) - MAX_IN_FLIGHT + 1)
    for name, _ in in_flight[: min(too_many, MAX_DELETED)]:
        _delete_cookie(response, name)
    response.set_cookie(
        _cookie_name(login_transaction.state),
        login_transaction.cookie_value,
        max_age=login.LIFETIME_SECONDS,
        path=settings.COOKIE_PATH,
        secure=settings.COOKIE_SECURE,
        httponly=True,
        # Lax, not Strict: the way back from the hosted UI is a cross-site navigation.
        samesite="Lax",
    )


def resume(request: HttpRequest, unverified_state: str) -> LoginTransaction:
    """The transaction of this browser that `state` belongs to.

    Raises:
        InvalidTransaction: there is none, or it is too old.
    """
    return login.resume(
        _cookies(request).values(),
        unverified_state=unverified_state,
        keys=[settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS],
        now=time.time(),
    )


def use_up(login_transaction: LoginTransaction) -> None:
    """Marks the transaction as used, for every process at once. Do it before anything else.

    Raises:
        InvalidTransaction: it was used before; the code may be on its way to the token endpoint.
    """
    digest = hashlib.sha256(login_transaction.state.encode("ascii")).hexdigest()
    expires_at = datetime.fromtimestamp(login_transaction.expires_at, UTC)
    try:
        with transaction.atomic():
            UsedLogin(state_digest=digest, expires_at=expires_at).save(force_insert=True)
    except IntegrityError:
        raise InvalidTransaction from None


def drop(response: HttpResponse, login_transaction: LoginTransaction) -> None:
    """Takes the transaction's cookie away from the browser."""
    _delete_cookie(response, _cookie_name(login_transaction.state))


def _cookie_prefix() -> str:
    return f"{settings.COOKIE_PREFIX}gatehouse-login-"


def _cookie_name(state: str) -> str:
    return _cookie_prefix() + state[:8]


def _cookies(request: HttpRequest) -> dict[str, str]:
    """Only names that are ours to the letter: a planted one may be one that no answer can name."""
    name_of_ours = re.compile(re.escape(_cookie_prefix()) + r"[A-Za-z0-9_-]{8}")
    return {name: value for name, value in request.COOKIES.items() if name_of_ours.fullmatch(name)}


def _delete_cookie(response: HttpResponse, name: str) -> None:
    response.delete_cookie(name, path=settings.COOKIE_PATH, samesite="Lax")


def _started_at(cookie_value: str) -> str:
    """Of equal length for the next two centuries, so it sorts as text; junk sorts first."""
    parts = cookie_value.split(".")
    return parts[1] if len(parts) > 1 else ""
