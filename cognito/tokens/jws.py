"""Parse a signed token in compact serialization (RFC 7515) without trusting its content."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from cognito.errors import MalformedToken, UnsupportedAlgorithm
from cognito.wire import base64url
from cognito.wire.strict_json import parse_object

# The limit for callers. An Application Load Balancer passes 16 KB of one header, and API Gateway
# 10,240 bytes of all headers. docs/proxies.md has the limits of others.
MAX_TOKEN_CHARACTERS = 16_384
# The limit for Cognito: 100 groups, each with a name of 128 non-ASCII characters.
MAX_ISSUED_TOKEN_CHARACTERS = 262_144
# Those of Cognito have 44.
MAX_KID_CHARACTERS = 256
ALGORITHM = "RS256"

# As a number, which Python finds in bytes in a fifth of the time of b".".
_DOT = ord(".")
# Copying a hash object takes less time than creating one.
_NOTHING_HASHED = sha256()


class Header(NamedTuple):
    """The relevant header members. `typ` is in lower case, or None if it is missing."""

    kid: str
    typ: str | None


def token_bytes(unverified_token: str, *, max_characters: int) -> bytes:
    """Return the token as bytes. Raises MalformedToken if it is too long or not ASCII."""
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


def split_compact(token: bytes) -> tuple[bytes, bytes, bytes]:
    """Split a compact JWS (RFC 7515 section 7.1) at its last dot.

    Returns the signing input, the encoded signature, and the digest of the signing input by
    SHA-256, which is what the signature signs.
    """
    signing_input, _, encoded_signature = token.rpartition(b".")
    hashed = _NOTHING_HASHED.copy()
    hashed.update(signing_input)
    return signing_input, encoded_signature, hashed.digest()


def parse_compact(
    signing_input: bytes, encoded_signature: bytes
) -> tuple[Header, dict[str, Any], bytes, bytes]:
    """Decode a compact JWS from the parts that `split_compact` returns.

    Returns the header, the payload, its JSON text and the signature. None of them is verified. This
    is a plain tuple, because every new token needs one, and a class of its own takes longer to make
    and to unpack.

    Raises:
        MalformedToken: the token is not a compact JWS, or its payload not a JSON object.
        UnsupportedAlgorithm: the token does not have Cognito's form: RS256 and no critical
            extensions.
    """
    encoded_header, _, encoded_payload = signing_input.partition(b".")
    if _DOT in encoded_payload:
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
    return header, payload, payload_json, signature


# A pool uses only one or two headers. Errors are not cached.
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
    """Return `typ` in lower case. Refuses headers of anything but a plainly signed JWT."""
    # `crit` names extensions that must be understood (section 4.1.11), and this parser supports
    # none. `b64` is such an extension (RFC 7797). `cty` announces a nested token (RFC 7519 5.2).
    extensions = header.keys() & {"crit", "b64", "cty"}
    if extensions:
        raise UnsupportedAlgorithm(received=sorted(extensions))
    typ = header.get("typ")
    if typ is None and "typ" not in header:
        return None
    # Cognito sets no `typ` today. at+jwt is the registered type of access tokens (RFC 9068). Any
    # other type is a token of another kind that was signed with the same key (RFC 8725 3.11).
    if not isinstance(typ, str) or typ.lower() not in {"jwt", "at+jwt"}:
        raise UnsupportedAlgorithm(expected={"JWT", "at+jwt"}, received=typ)
    return typ.lower()
