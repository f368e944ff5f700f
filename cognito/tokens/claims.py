"""What a verified token says.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
and https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from cognito.errors import InvalidClaim, MissingClaim
from cognito.wire.strict_json import parse_object

ACCESS: Final = "access"
ID: Final = "id"
TokenUse = Literal["access", "id"]

# The width that OpenID Connect Core section 2 gives to `sub`.
MAX_IDENTIFIER_CHARACTERS = 255
# Control characters and line ends: they forge log lines, and databases refuse some of them.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Claims(NamedTuple):
    """The claims of one verified token. Only the verifier makes them.

    A tuple because it is immutable and made in half the time of a frozen dataclass.

    Attributes:
        issuer: the user pool; with `sub` it is the identity.
        sub: the user; of a machine token, the app client.
        username: None in a machine token.
        client_id: the app client that the token was issued to (`aud` of an ID token).
        expires_at, issued_at: seconds since 1970, UTC.
        origin_jti: shared by all tokens of one sign-in, where revocation is switched on.
        scope_claim: `scope`, empty if it is not text.
        groups_claim: `cognito:groups`, empty if it is not a list.
        json: the payload; `raw` reads it.
    """

    issuer: str
    sub: str
    username: str | None
    token_use: TokenUse
    client_id: str
    expires_at: int
    issued_at: int
    origin_jti: str | None
    scope_claim: str
    groups_claim: tuple[object, ...]
    json: bytes

    @property
    def scopes(self) -> frozenset[str]:
        """What the client may do. An ID token has none, whatever it says."""
        if self.token_use != ACCESS:
            return frozenset()
        # At single spaces only (RFC 6749 section 3.3): split() would take tabs and more.
        return frozenset(self.scope_claim.split(" ")) - {""}

    @property
    def groups(self) -> frozenset[str]:
        """Return the names in ``cognito:groups``; empty if the claim is not a list of names."""
        # PostgreSQL stores no NUL, and no name has one.
        names = [
            one for one in self.groups_claim if isinstance(one, str) and one and "\0" not in one
        ]
        # One item that is no name makes the claim something else than a list of names.
        return frozenset(names) if len(names) == len(self.groups_claim) else frozenset()

    @property
    def raw(self) -> dict[str, Any]:
        """Every claim as it came. A new object each time: changing it changes nothing here."""
        # Read again because it is rarely asked for, and takes the least memory of a cached token.
        return parse_object(self.json)

    @property
    def jti(self) -> str | None:
        """The token's own identifier."""
        return _text(self.raw, "jti")

    @property
    def nonce(self) -> str | None:
        """What the sign-in began with. ID tokens have it; the verifier has compared it."""
        return _text(self.raw, "nonce")

    @property
    def is_machine(self) -> bool:
        """Whether an app client speaks for itself (client credentials grant)."""
        return self.token_use == ACCESS and self.username is None and self.sub == self.client_id

    @property
    def email(self) -> str | None:
        """A label, never an identity. ID tokens have it, if the scope was asked for."""
        return _text(self.raw, "email")

    @property
    def name(self) -> str | None:
        """The full name for display. ID tokens have it, if the scope was asked for."""
        return _text(self.raw, "name")

    def __repr__(self) -> str:
        return f"<Claims of one {self.token_use} token>"


def claims_of(
    unverified_payload: Mapping[str, Any],
    *,
    unverified_json: bytes,
    issuer: str,
    token_use: TokenUse,
    client_id: str,
    expires_at: float,
    issued_at: float,
) -> Claims:
    """Reads the claims that are left when issuer, use, client and times have been judged.

    `unverified_json` is what the payload was read from. The payload counts as verified only once
    its signature is: the verifier keeps what this returns to itself until then.

    Raises MissingClaim or InvalidClaim.
    """
    sub, username, origin_jti = _identifiers(
        unverified_payload, "username" if token_use == ACCESS else "cognito:username"
    )
    scope = unverified_payload.get("scope")
    groups = unverified_payload.get("cognito:groups")
    # Neither is negative, so that this is the second that it falls into.
    expires_at, issued_at = int(expires_at), int(issued_at)
    scope_claim = scope if isinstance(scope, str) else ""
    groups_claim = tuple(groups) if isinstance(groups, list) else ()
    # As the class itself does in a function of its own, one call for each token less.
    return tuple.__new__(
        Claims,
        (
            issuer,
            sub,
            username,
            token_use,
            client_id,
            expires_at,
            issued_at,
            origin_jti,
            scope_claim,
            groups_claim,
            unverified_json,
        ),
    )


def _identifiers(
    unverified_payload: Mapping[str, Any], username_claim: str
) -> tuple[str, str | None, str | None]:
    """`sub`, which must be there, the user name and `origin_jti`."""
    sub = unverified_payload.get("sub")
    username = unverified_payload.get(username_claim)
    origin_jti = unverified_payload.get("origin_jti")
    # Nearly always they are UUIDs. Then one look at all three tells that each is fit, in less than
    # half the time of three.
    if sub.__class__ is username.__class__ is origin_jti.__class__ is str:
        together = f"{sub}{username}{origin_jti}"
        if (
            sub
            and username
            and origin_jti
            and len(together) <= MAX_IDENTIFIER_CHARACTERS
            and together.isprintable()
            and " " not in together
        ):
            return sub, username, origin_jti
    sub = optional_identifier(unverified_payload, "sub")
    if sub is None:
        raise MissingClaim(expected="sub")
    username = optional_identifier(unverified_payload, username_claim)
    return sub, username, optional_identifier(unverified_payload, "origin_jti")


def optional_identifier(unverified_payload: Mapping[str, Any], name: str) -> str | None:
    """A claim that is compared: text of 1 to 255 characters without controls or outer spaces.

    None if it is left out; null is not the same. Raises InvalidClaim.
    """
    value = unverified_payload.get(name)
    if value is None and name not in unverified_payload:
        return None
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= MAX_IDENTIFIER_CHARACTERS
        or value != value.strip()
        # The first is faster; the second lets through what is newer than this Python's Unicode.
        or not (value.isprintable() or _UNFIT.search(value) is None)
    ):
        raise InvalidClaim(expected=name)
    return value


def _text(payload: Mapping[str, Any], name: str) -> str | None:
    value = payload.get(name)
    return value if isinstance(value, str) else None
