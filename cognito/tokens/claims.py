"""The claims of a verified token.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
and https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from cognito.errors import MissingClaim
from cognito.tokens.actors import Actor, actors_of
from cognito.tokens.identifiers import optional_identifier
from cognito.wire.strict_json import parse_object

ACCESS: Final = "access"
ID: Final = "id"
TokenUse = Literal["access", "id"]

# Cognito requires this scope in every call on the user's account.
# https://docs.aws.amazon.com/cognito/latest/developerguide/scopes-and-claims.html
SELF_SERVICE_SCOPE: Final = "aws.cognito.signin.user.admin"


class Claims(NamedTuple):
    """The claims of one verified token. Only the verifier creates them.

    It is a tuple because tuples are immutable and take half the time of a frozen dataclass to make.

    Attributes:
        issuer: the user pool. Issuer and `sub` together identify the user.
        sub: the user, or the app client in a machine token.
        username: None in a machine token.
        client_id: the app client that the token was issued to (`aud` of an ID token).
        expires_at, issued_at: Unix time in seconds.
        origin_jti: shared by all tokens of one sign-in if the app client has revocation enabled.
        scope_claim: the claim `scope`; empty if it is not text.
        groups_claim: the claim `cognito:groups`; empty if it is not a list.
        is_listed_client: False if only the audience of the token admits its client, which may be
            any client of the pool (`TrustedIssuer.open_scopes`).
        actors: the services or agents that act for the user, the current one first; empty if the
            user calls.
        json: the payload, which `raw` parses.
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
    is_listed_client: bool
    actors: tuple[Actor, ...]
    json: bytes

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of an access token. An ID token grants none, whatever it contains.

        A client that is not listed never gets SELF_SERVICE_SCOPE here.
        """
        if self.token_use != ACCESS:
            return frozenset()
        scopes = scopes_in(self.scope_claim)
        return scopes if self.is_listed_client else scopes - {SELF_SERVICE_SCOPE}

    @property
    def actor(self) -> Actor | None:
        """The current actor, or None if the user calls. Only this one decides about access."""
        return self.actors[0] if self.actors else None

    @property
    def groups(self) -> frozenset[str]:
        """The names in ``cognito:groups``; empty unless the claim is a list of names."""
        # No name contains NUL, which PostgreSQL cannot store.
        names = [
            one for one in self.groups_claim if isinstance(one, str) and one and "\0" not in one
        ]
        # One invalid item makes the whole claim invalid.
        return frozenset(names) if len(names) == len(self.groups_claim) else frozenset()

    @property
    def raw(self) -> dict[str, Any]:
        """All claims, as a new dictionary each time."""
        # Parsed each time, because it is rarely needed and JSON takes little memory in the cache.
        return parse_object(self.json)

    @property
    def jti(self) -> str | None:
        """The identifier of this token."""
        return _text(self.raw, "jti")

    @property
    def nonce(self) -> str | None:
        """The nonce of an ID token, which the verifier has compared."""
        return _text(self.raw, "nonce")

    @property
    def is_machine(self) -> bool:
        """Whether the token belongs to an app client itself (client credentials grant)."""
        return self.token_use == ACCESS and self.username is None and self.sub == self.client_id

    @property
    def email(self) -> str | None:
        """The e-mail address in an ID token, for display. It does not identify the user."""
        return _text(self.raw, "email")

    @property
    def name(self) -> str | None:
        """The full name in an ID token, for display."""
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
    is_listed_client: bool,
) -> Claims:
    """Return the claims of a payload whose issuer, use, client and times have been checked.

    The verifier must not hand the result out before it has verified the signature.

    Args:
        unverified_json: the text of the payload.

    Raises:
        MissingClaim, InvalidClaim: `sub`, the user name, `origin_jti` or `act` is malformed.
    """
    username_claim = "username" if token_use == ACCESS else "cognito:username"
    sub = optional_identifier(unverified_payload, "sub")
    if sub is None:
        raise MissingClaim(expected="sub")
    scope = unverified_payload.get("scope")
    groups = unverified_payload.get("cognito:groups")
    return Claims(
        issuer=issuer,
        sub=sub,
        username=optional_identifier(unverified_payload, username_claim),
        token_use=token_use,
        client_id=client_id,
        # Neither is negative, so int() rounds down.
        expires_at=int(expires_at),
        issued_at=int(issued_at),
        origin_jti=optional_identifier(unverified_payload, "origin_jti"),
        scope_claim=scope if isinstance(scope, str) else "",
        groups_claim=tuple(groups) if isinstance(groups, list) else (),
        is_listed_client=is_listed_client,
        actors=actors_of(unverified_payload) if "act" in unverified_payload else (),
        json=unverified_json,
    )


def scopes_in(scope_claim: str) -> frozenset[str]:
    """Split the claim `scope` (RFC 6749 section 3.3)."""
    # Single spaces separate scopes; split() would accept tabs as well.
    return frozenset(scope_claim.split(" ")) - {""}


def _text(payload: Mapping[str, Any], name: str) -> str | None:
    value = payload.get(name)
    return value if isinstance(value, str) else None
