"""What a verified token says.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
and https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from cognito.errors import InvalidClaim, MissingClaim

ACCESS: Final = "access"
ID: Final = "id"
TokenUse = Literal["access", "id"]

# The width that OpenID Connect Core section 2 gives to `sub`.
MAX_IDENTIFIER_CHARACTERS = 255
# Control characters and line ends: they forge log lines, and databases refuse some of them.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True, repr=False)
class Claims:
    """The claims of one verified token. Only the verifier makes them. Immutable all the way down.

    Attributes:
        issuer: the user pool; with `sub` it is the identity.
        sub: the user; of a machine token, the app client.
        username: None in a machine token.
        client_id: the app client that the token was issued to (`aud` of an ID token).
        scopes: of an access token; an ID token has none.
        groups: `cognito:groups`; none if the claim is anything but a list of names.
        expires_at, issued_at: seconds since 1970, UTC.
        origin_jti: shared by all tokens of one sign-in, where revocation is switched on.
        raw: every claim as it came, lists as tuples, objects as read-only mappings.
    """

    issuer: str
    sub: str
    username: str | None
    token_use: TokenUse
    client_id: str
    scopes: frozenset[str]
    groups: frozenset[str]
    expires_at: int
    issued_at: int
    origin_jti: str | None
    jti: str | None
    nonce: str | None
    raw: Mapping[str, Any]

    @property
    def is_machine(self) -> bool:
        """Whether an app client speaks for itself (client credentials grant)."""
        return self.token_use == ACCESS and self.username is None and self.sub == self.client_id

    @property
    def email(self) -> str | None:
        """A label, never an identity. ID tokens have it, if the scope was asked for."""
        return _label(self.raw, "email")

    @property
    def name(self) -> str | None:
        """The full name for display. ID tokens have it, if the scope was asked for."""
        return _label(self.raw, "name")

    def __repr__(self) -> str:
        return f"<Claims of one {self.token_use} token>"


def claims_of(
    unverified_payload: Mapping[str, Any],
    *,
    issuer: str,
    token_use: TokenUse,
    client_id: str,
    expires_at: float,
    issued_at: float,
) -> Claims:
    """Reads the claims that are left when issuer, use, client and times have been judged.

    Raises MissingClaim or InvalidClaim. The payload counts as verified only once its signature is:
    the verifier keeps what this returns to itself until then.
    """
    is_access_token = token_use == ACCESS
    return Claims(
        issuer=issuer,
        sub=required_identifier(unverified_payload, "sub"),
        username=optional_identifier(
            unverified_payload, "username" if is_access_token else "cognito:username"
        ),
        token_use=token_use,
        client_id=client_id,
        scopes=_scopes(unverified_payload) if is_access_token else frozenset(),
        groups=_groups(unverified_payload),
        expires_at=math.floor(expires_at),
        issued_at=math.floor(issued_at),
        origin_jti=optional_identifier(unverified_payload, "origin_jti"),
        jti=optional_identifier(unverified_payload, "jti"),
        nonce=optional_identifier(unverified_payload, "nonce"),
        raw=_frozen(unverified_payload),
    )


def required_identifier(unverified_payload: Mapping[str, Any], name: str) -> str:
    """A claim that is compared: text of 1 to 255 characters without controls or outer spaces."""
    value = optional_identifier(unverified_payload, name)
    if value is None:
        raise MissingClaim(expected=name)
    return value


def optional_identifier(unverified_payload: Mapping[str, Any], name: str) -> str | None:
    """The same for a claim that may be left out; null is not the same as left out."""
    if name not in unverified_payload:
        return None
    value = unverified_payload[name]
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= MAX_IDENTIFIER_CHARACTERS
        or value != value.strip()
        or _UNFIT.search(value)
    ):
        raise InvalidClaim(expected=name)
    return value


def _scopes(payload: Mapping[str, Any]) -> frozenset[str]:
    value = payload.get("scope")
    if not isinstance(value, str):
        return frozenset()
    # At single spaces only (RFC 6749 section 3.3): split() would take tabs and no-break spaces too.
    return frozenset(value.split(" ")) - {""}


def _groups(payload: Mapping[str, Any]) -> frozenset[str]:
    value = payload.get("cognito:groups")
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        return frozenset()
    return frozenset(value)


def _label(payload: Mapping[str, Any], name: str) -> str | None:
    value = payload.get(name)
    return value if isinstance(value, str) else None


def _frozen(value: Any) -> Any:
    # Cached claims are handed to one request after another: none may change them for the next.
    if isinstance(value, dict):
        return MappingProxyType({name: _frozen(member) for name, member in value.items()})
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value
