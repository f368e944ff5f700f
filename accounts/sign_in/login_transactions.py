"""Login transactions in the browser's cookies, and the record of used ones."""

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
from cognito.tokens.authentication import Requirement

# A browser can have this many open sign-ins. The oldest are dropped first, so that the Cookie
# header stays under 4 KB.
MAX_IN_FLIGHT = 6
# One answer deletes at most this many cookies. Other sites of the same domain can plant hundreds,
# and proxies refuse an answer with a header for each. The next answers delete the rest.
MAX_DELETED = 10


def begin(next_path: str, *, requirement: Requirement | None = None) -> LoginTransaction:
    return login.begin(
        key=settings.SECRET_KEY, next_path=next_path, now=time.time(), requirement=requirement
    )


def remember(
    response: HttpResponse, request: HttpRequest, login_transaction: LoginTransaction
) -> None:
    """Store the transaction in its own cookie, so that several tabs can sign in."""
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
        # Lax, not Strict, because the hosted UI redirects here from another site.
        samesite="Lax",
    )


def resume(request: HttpRequest, unverified_state: str) -> LoginTransaction:
    """Return the transaction of this browser with this `state`.

    Raises:
        InvalidTransaction: there is none, or it has expired.
    """
    return login.resume(
        _cookies(request).values(),
        unverified_state=unverified_state,
        keys=[settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS],
        now=time.time(),
    )


def use_up(login_transaction: LoginTransaction) -> None:
    """Mark the transaction as used, for all processes. Do this before anything else.

    Raises:
        InvalidTransaction: another request has used it and may be exchanging its code.
    """
    digest = hashlib.sha256(login_transaction.state.encode("ascii")).hexdigest()
    expires_at = datetime.fromtimestamp(login_transaction.expires_at, UTC)
    try:
        with transaction.atomic():
            UsedLogin(state_digest=digest, expires_at=expires_at).save(force_insert=True)
    except IntegrityError:
        raise InvalidTransaction from None


def drop(response: HttpResponse, login_transaction: LoginTransaction) -> None:
    """Delete the transaction's cookie."""
    _delete_cookie(response, _cookie_name(login_transaction.state))


def _cookie_prefix() -> str:
    return f"{settings.COOKIE_PREFIX}gatehouse-login-"


def _cookie_name(state: str) -> str:
    return _cookie_prefix() + state[:8]


def _cookies(request: HttpRequest) -> dict[str, str]:
    """Match our cookie names exactly: a planted cookie may have a name that cannot be deleted."""
    name_of_ours = re.compile(re.escape(_cookie_prefix()) + r"[A-Za-z0-9_-]{8}")
    return {name: value for name, value in request.COOKIES.items() if name_of_ours.fullmatch(name)}


def _delete_cookie(response: HttpResponse, name: str) -> None:
    response.delete_cookie(name, path=settings.COOKIE_PATH, samesite="Lax")


def _started_at(cookie_value: str) -> str:
    """Return the start time as text, which sorts correctly until the year 2286."""
    parts = cookie_value.split(".")
    return parts[1] if len(parts) > 1 else ""
