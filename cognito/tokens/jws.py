"""A signed token in compact serialization, taken apart and trusted in nothing (RFC 7515)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cognito.errors import MalformedToken, UnsupportedAlgorithm
from cognito.wire import base64url
from cognito.wire.strict_json import parse_object

# What a caller may send: an Application Load Balancer lets 16 KB of one header through, API Gateway
# 10,240 bytes of all headers. docs/proxies.md has the limits of others.
MAX_TOKEN_CHARACTERS = 16_384
# What Cognito itself may answer: 100 groups whose names have 128 characters beyond ASCII.
MAX_ISSUED_TOKEN_CHARACTERS = 262_144
# Cognito's have 44.
MAX_KID_CHARACTERS = 256
ALGORITHM = "RS256"


@dataclass(frozen=True, slots=True)
class Header:
    """The header members that matter. `typ` is in lower case, None if the header has none."""

    kid: str
    typ: str | None


@dataclass(slots=True)
class UnverifiedJWS:
    """The parts of a token whose signature nobody has checked yet."""

    header: Header
    payload: dict[str, Any] = field(repr=False)
    payload_json: bytes = field(repr=False)
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def token_bytes(unverified_token: str, *, max_characters: int) -> bytes:
    """The token's characters, once it is known to be short and ASCII. Raises MalformedToken."""
    if len(unverified_token) > max_characters:
        raise MalformedToken(
            f"The token is longer than {max_characters} characters. Its user may be in too many "
            "groups.",
            expected=max_characters,
        )
    try:
        return unverified_token.encode("ascii")
    except UnicodeEncodeError:
        raise MalformedToken from None


def parse_compact(unverified_token: bytes) -> UnverifiedJWS:
    """Take a compact JWS, from `token_bytes`, apart (RFC 7515 section 7.1).

    Raises MalformedToken, or UnsupportedAlgorithm if it is well-formed but not of the one kind that
    Cognito makes: RS256, no critical extensions, the payload a JSON object.
    """
    signing_input, _, encoded_signature = unverified_token.rpartition(b".")
    encoded_header, _, encoded_payload = signing_input.partition(b".")
    if b"." in encoded_payload:
        raise MalformedToken("The token has more than three parts.")
    header = _parse_header(encoded_header)
    try:
        payload_json = base64url.decode(encoded_payload)
        payload = parse_object(payload_json)
        signature = base64url.decode(encoded_signature)
    except ValueError:
        raise MalformedToken from None
    if not signature:
        raise MalformedToken("The token is not signed.")
    return UnverifiedJWS(header, payload, payload_json, signing_input, signature)


# A pool signs all its tokens with the same one or two headers. Errors are not remembered.
@lru_cache(maxsize=64)
def _parse_header(encoded_header: bytes) -> Header:
    try:
        header = parse_object(base64url.decode(encoded_header))
    except ValueError:
        raise MalformedToken from None
    algorithm = header.get("alg")
    if algorithm != ALGORITHM:
        raise UnsupportedAlgorithm(expected=ALGORITHM, received=algorithm)
    return Header(kid=_kid(header), typ=_typ(header))


def _kid(header: dict[str, Any]) -> str:
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID_CHARACTERS or not kid.isprintable():
        raise MalformedToken("The token does not name the key it is signed with.")
    return kid


def _typ(header: dict[str, Any]) -> str | None:
    """Refuses what would make the token something else than a JWT signed in the plain way."""
    # `crit` names extensions that must be understood, and none is (section 4.1.11); `b64` is one
    # (RFC 7797); `cty` says that the payload is a token in turn (RFC 7519 section 5.2).
    extensions = header.keys() & {"crit", "b64", "cty"}
    if extensions:
        raise UnsupportedAlgorithm(received=sorted(extensions))
    typ = header.get("typ")
    if typ is None and "typ" not in header:
        return None
    # Cognito sets none today. at+jwt is the registered type of access tokens (RFC 9068); any other
    # is a token of another kind that happens to be signed with the same key (RFC 8725 3.11).
    if not isinstance(typ, str) or typ.lower() not in {"jwt", "at+jwt"}:
        raise UnsupportedAlgorithm(expected={"JWT", "at+jwt"}, received=typ)
    return typ.lower()
