"""Login transactions, which tie a callback to the browser that began the sign-in.

A transaction is stored only in a cookie of the browser, so unfinished sign-ins cost the server
nothing, however many an attacker begins. The cookie holds a random seed, the start time and the
address to go to afterwards. `state`, `nonce` and the PKCE code verifier are keyed digests of the
cookie value. None of them is stored, and the verifier leaves the server only for the token
endpoint. A changed cookie leads to another `state`, so the callback detects it.

A transaction that confirms the user of a session (RFC 9470) also has the requirement that the new
sign-in must meet, so that the callback can neither mistake it for a sign-in nor lower it.

Sources: RFC 9700 section 4.7, RFC 7636, OpenID Connect Core section 15.5.2.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cognito.errors import InvalidTransaction
from cognito.tokens.authentication import Requirement, levels

LIFETIME_SECONDS = 15 * 60
# Each open sign-in page adds a cookie, and the whole Cookie header must stay small.
MAX_NEXT_LENGTH = 400

_COOKIE = re.compile(
    r"([A-Za-z0-9_-]{43})\.([0-9]{1,12})\.([A-Za-z0-9_-]{0,600})(?:\.([A-Za-z0-9_-]{1,300}))?"
)


@dataclass(frozen=True, slots=True)
class LoginTransaction:
    """A sign-in that has begun.

    Attributes:
        cookie_value: stored by the browser; printable ASCII without `;`, `,` or quotes.
        state, nonce: 256 bits each as base64url, different for each transaction and purpose.
        code_verifier: 43 characters of base64url (RFC 7636 section 4.1). Stays on the server.
        next_path: address to go to after the sign-in, as passed to `begin`.
        started_at: Unix time in seconds.
        requirement: what the sign-in must meet to confirm the user of a session; None for a
            transaction that begins a session.
    """

    cookie_value: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    next_path: str
    started_at: int
    requirement: Requirement | None = None

    @property
    def code_challenge(self) -> str:
        """S256 of the code verifier (RFC 7636 section 4.2)."""
        return _base64url(hashlib.sha256(self.code_verifier.encode("ascii")).digest())

    @property
    def expires_at(self) -> int:
        return self.started_at + LIFETIME_SECONDS


def begin(
    *, key: str, next_path: str, now: float, requirement: Requirement | None = None
) -> LoginTransaction:
    """Return a new transaction.

    Args:
        key: the server's secret. An attacker who has it can forge transactions.
        next_path: checked by the caller to be an address of this site; at most MAX_NEXT_LENGTH
            ASCII characters.
        now: Unix time in seconds.
        requirement: for a transaction that confirms the user of a session.
    """
    if len(next_path) > MAX_NEXT_LENGTH or not next_path.isascii():
        raise ValueError(f"next_path must be at most {MAX_NEXT_LENGTH} ASCII characters")
    encoded_next = _base64url(next_path.encode("ascii"))
    cookie_value = f"{secrets.token_urlsafe(32)}.{int(now)}.{encoded_next}"
    if requirement is not None:
        demanded = " ".join([str(requirement.max_age), *requirement.acr_values])
        cookie_value += f".{_base64url(demanded.encode('ascii'))}"
    return _derive(cookie_value, key=key)


def resume(
    unverified_cookies: Iterable[str], *, unverified_state: str, keys: Sequence[str], now: float
) -> LoginTransaction:
    """Return the transaction in this browser's cookies that has the callback's `state`.

    Args:
        keys: the server's secrets, newest first, so that a sign-in survives a key rotation.

    Raises:
        InvalidTransaction: no cookie matches, or the sign-in began over LIFETIME_SECONDS ago.
    """
    if not unverified_state.isascii():
        raise InvalidTransaction
    for cookie_value in unverified_cookies:
        if not _COOKIE.fullmatch(cookie_value):
            continue
        for key in keys:
            transaction = _derive(cookie_value, key=key)
            if hmac.compare_digest(transaction.state, unverified_state):
                if not 0 <= now - transaction.started_at <= LIFETIME_SECONDS:
                    raise InvalidTransaction("The sign-in took too long. Start again.")
                return transaction
    raise InvalidTransaction


def _derive(cookie_value: str, *, key: str) -> LoginTransaction:
    _, started_at, encoded_next, *encoded_requirement = cookie_value.split(".")

    def derived(purpose: str) -> str:
        message = f"gatehouse login {purpose}\0{cookie_value}".encode("ascii")
        return _base64url(hmac.digest(key.encode(), message, "sha256"))

    return LoginTransaction(
        cookie_value=cookie_value,
        state=derived("state"),
        nonce=derived("nonce"),
        code_verifier=derived("code verifier"),
        next_path=_decoded(encoded_next),
        started_at=int(started_at),
        requirement=_requirement(_decoded(encoded_requirement[0])) if encoded_requirement else None,
    )


def _requirement(demanded: str) -> Requirement:
    """Return a requirement that no sign-in meets for a forged cookie, which fails by its state."""
    max_age, _, acr_values = demanded.partition(" ")
    try:
        return Requirement(int(max_age), levels(acr_values))
    except ValueError:
        return Requirement(-1)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(encoded: str) -> str:
    """Return "" for invalid base64url: a forged cookie fails by its state, not by an error."""
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode("ascii")
    except ValueError:
        return ""
