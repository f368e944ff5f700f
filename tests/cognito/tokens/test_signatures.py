"""Tests of algorithms, signatures and the choice of the key."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cognito.errors import BadSignature, TokenError, UnknownKey, UnsupportedAlgorithm
from cognito.testing import WITHOUT, KeySetServer, SigningKey, TokenFactory, signing_key
from cognito.testing.key_set_faults import key_set
from cognito.testing.token_factory import CLIENT_ID
from cognito.wire import base64url
from tests.cognito.conftest import Verify

POOL = signing_key("pool")
ATTACKER = signing_key("attacker")
PUBLIC = POOL.private_key.public_key()


def headed(factory: TokenFactory, header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    payload = base64url.decode(factory.access().split(".")[1].encode())
    members = {"kid": POOL.kid} | header
    return factory.forged(json.dumps(members).encode(), payload, sign=sign)


# fmt: off
NAMES = [
    "none", "nOnE", "NONE", "None", " RS256", "RS2567",
    "RS", "RS25", "RS256K", "rs256", "RS1", "SHA256withRSA",
    "RS384", "RS512", "PS256", "PS384", "PS512", "HS256", "HS384", "HS512",
    "ES256", "ES256K", "ES384", "EdDSA", "Ed25519", "ML-DSA-44", "RSA-OAEP", "RSA-OAEP-256",
    "RSA1_5", "dir", "A256GCM", "A256KW",
]
# fmt: on
OTHER_ALGORITHMS: dict[str, object] = {name: name for name in NAMES} | {
    "missing": WITHOUT,
    "null": None,
    "a number": 256,
    "true": True,
    "a list": ["RS256"],
    "an object": {"RS256": 1},
    "empty": "",
    "with a space": "RS256 ",
    "with a NUL": "RS256\x00",
}


@pytest.mark.parametrize("name", OTHER_ALGORITHMS)
def test_other_algorithm_is_refused_with_and_without_a_signature(
    name: str, verify: Verify, token_factory: TokenFactory
) -> None:
    token = token_factory.access(header={"alg": OTHER_ALGORITHMS[name]})
    with pytest.raises(UnsupportedAlgorithm):
        verify(token)
    with pytest.raises(TokenError):
        verify(token.rpartition(".")[0] + ".")


SECRETS = {
    "PEM SPKI": PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "PEM SPKI, stripped": PUBLIC.public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    ).strip(),
    "PEM PKCS#1": PUBLIC.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
    "DER SPKI": PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "modulus": POOL.modulus,
    "modulus, encoded": POOL.jwk()["n"].encode(),
    "JWK": json.dumps(POOL.jwk()).encode(),
    "JWKS": key_set([POOL.jwk()]),
    "kid": POOL.kid.encode(),
    "client id": CLIENT_ID.encode(),
    "a zero byte": b"\0",
    "empty": b"",
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_hmac_with_a_public_value_is_refused(
    digest: str, secret: str, verify: Verify, token_factory: TokenFactory
) -> None:
    def sign(signing_input: bytes) -> bytes:
        return hmac.new(SECRETS[secret], signing_input, digest).digest()

    with pytest.raises(UnsupportedAlgorithm):
        verify(headed(token_factory, {"alg": f"HS{digest[3:]}"}, sign))
    with pytest.raises(BadSignature):
        verify(headed(token_factory, {"alg": "RS256"}, sign))


def pss(algorithm: hashes.HashAlgorithm) -> padding.PSS:
    return padding.PSS(padding.MGF1(algorithm), padding.PSS.DIGEST_LENGTH)


SCHEMES: dict[str, Callable[[bytes], bytes]] = {
    "RS384": lambda data: POOL.sign(data, algorithm=hashes.SHA384()),
    "RS512": lambda data: POOL.sign(data, algorithm=hashes.SHA512()),
    "RS1": lambda data: POOL.sign(data, algorithm=hashes.SHA1()),
    "PS256": lambda data: POOL.sign(data, scheme=pss(hashes.SHA256())),
    "PS384": lambda data: POOL.sign(data, algorithm=hashes.SHA384(), scheme=pss(hashes.SHA384())),
    "ES256": lambda data: ec.derive_private_key(7, ec.SECP256R1()).sign(
        data, ec.ECDSA(hashes.SHA256())
    ),
}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_signature_of_the_pools_key_in_another_scheme_is_refused(
    scheme: str, verify: Verify, token_factory: TokenFactory
) -> None:
    with pytest.raises(UnsupportedAlgorithm):
        verify(headed(token_factory, {"alg": scheme}, SCHEMES[scheme]))
    with pytest.raises(BadSignature):
        verify(headed(token_factory, {"alg": "RS256"}, SCHEMES[scheme]))


def raw_rsa(encoded_message: bytes) -> bytes:
    """Apply the private key to a padded message, which has the length of the modulus."""
    numbers = POOL.private_key.private_numbers()
    number = pow(int.from_bytes(encoded_message, "big"), numbers.d, numbers.public_numbers.n)
    return number.to_bytes(256, "big")


DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
DIGEST_INFO_WITHOUT_NULL = bytes.fromhex("302f300b0609608648016503040201 0420".replace(" ", ""))


def padded(block_type: int, fill: bytes, info: bytes, tail: bytes) -> Callable[[bytes], bytes]:
    """Return a function that signs with this padding."""

    def sign(data: bytes) -> bytes:
        message = info + hashlib.sha256(data).digest() + tail
        filling = fill * (256 - 3 - len(message)) if len(fill) == 1 else fill
        block = b"\x00" + bytes([block_type]) + filling + b"\x00" + message
        return raw_rsa(block.ljust(256, b"\xaa"))

    return sign


def test_correct_padding_is_accepted(verify: Verify, token_factory: TokenFactory) -> None:
    token = headed(token_factory, {"alg": "RS256"}, padded(1, b"\xff", DIGEST_INFO, b""))
    assert verify(token).sub == token_factory.sub


PADDINGS = {
    "short, garbage after the digest": padded(1, b"\xff" * 8, DIGEST_INFO, b""),
    "garbage of the right length": padded(1, b"\xff", DIGEST_INFO, b"\xaa" * 9),
    "block type 0": padded(0, b"\xff", DIGEST_INFO, b""),
    "block type 2": padded(2, b"\xff", DIGEST_INFO, b""),
    "zeros for the filling": padded(1, b"\x00", DIGEST_INFO, b""),
    "other filling": padded(1, b"\xfe", DIGEST_INFO, b""),
    "no digest info": padded(1, b"\xff", b"", b""),
    "digest info without its parameters": padded(1, b"\xff", DIGEST_INFO_WITHOUT_NULL, b""),
    "digest info of another hash": padded(
        1, b"\xff", DIGEST_INFO.replace(b"\x02\x01\x05", b"\x02\x03\x05"), b""
    ),
}


@pytest.mark.parametrize("name", PADDINGS)
def test_incorrect_padding_is_refused(
    name: str, verify: Verify, token_factory: TokenFactory
) -> None:
    with pytest.raises(BadSignature):
        verify(headed(token_factory, {"alg": "RS256"}, PADDINGS[name]))


def number(signature: bytes) -> int:
    return int.from_bytes(signature, "big")


N = number(POOL.modulus)
CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "first bit": lambda s: bytes([s[0] ^ 128]) + s[1:],
    "last bit": lambda s: s[:-1] + bytes([s[-1] ^ 1]),
    "cut to 16 bytes": lambda s: s[:16],
    "cut by one byte": lambda s: s[:-1],
    "one byte more": lambda s: s + b"\x00",
    "one byte before": lambda s: b"\x00" + s,
    "twice": lambda s: s + s,
    "one byte": lambda _: b"\x00",
    "64 zero bytes": lambda _: bytes(64),
    "over other data": POOL.sign,
    "all zero": lambda _: bytes(256),
    "all ones": lambda _: b"\xff" * 256,
    "one": lambda _: bytes(255) + b"\x01",
    "n": lambda _: POOL.modulus,
    "n - 1": lambda _: (N - 1).to_bytes(256, "big"),
    "n - s": lambda s: (N - number(s)).to_bytes(256, "big"),
    "s + n": lambda s: (number(s) + N).to_bytes(257, "big"),
    "reversed": lambda s: s[::-1],
    "an attacker's": lambda _: ATTACKER.sign(b"x"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changed_signature_is_refused(
    name: str, verify: Verify, token_factory: TokenFactory
) -> None:
    with pytest.raises(BadSignature):
        verify(headed(token_factory, {"alg": "RS256"}, lambda data: CHANGES[name](POOL.sign(data))))


def test_signature_without_its_leading_zero_is_refused(
    verify: Verify, token_factory: TokenFactory
) -> None:
    """It is the same number, but a signature has the length of the key (RFC 8017, 8.2.2)."""
    token, signature = "", b"\x01"
    for n in range(10_000):
        token = token_factory.access({"n": n})
        signature = base64url.decode(token.rpartition(".")[2].encode())
        if signature[0] == 0:
            break
    assert signature[0] == 0
    with pytest.raises(BadSignature):
        verify(f"{token.rpartition('.')[0]}.{base64url.encode(signature[1:]).decode()}")
    assert verify(token).sub == token_factory.sub


def test_changed_header_or_payload_is_refused(verify: Verify, token_factory: TokenFactory) -> None:
    header, payload, signature = token_factory.access().split(".")
    other = token_factory.access({"cognito:groups": ["operators"]}).split(".")
    spaced = base64url.encode(base64url.decode(header.encode()) + b" ").decode()
    for changed in (
        [header, other[1], signature],
        [header, payload, other[2]],
        [spaced, payload, signature],
    ):
        with pytest.raises(BadSignature):
            verify(".".join(changed))


def test_changed_payload_of_a_cached_token_is_refused(
    verify: Verify, token_factory: TokenFactory
) -> None:
    token = token_factory.access()
    assert verify(token) == verify(token)
    header, _, signature = token.split(".")
    forged = token_factory.access(sub="another").split(".")[1]
    with pytest.raises(BadSignature):
        verify(f"{header}.{forged}.{signature}")


EMBEDDED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "jwk": {"jwk": ATTACKER.jwk()},
    "jwk under the pool's kid": {"jwk": ATTACKER.jwk(kid=POOL.kid)},
    "x5c": {"x5c": ["MIIB"]},
    "x5u": {"x5u": "https://attacker.example/cert.pem"},
    "a list of keys": {"jwk": [POOL.jwk(), ATTACKER.jwk()]},
    "keys": {"keys": [ATTACKER.jwk(kid=POOL.kid)]},
    "key in kid as well": {"key": ATTACKER.jwk()},
}


@pytest.mark.parametrize("name", EMBEDDED)
def test_key_in_the_token_is_not_used(
    name: str, verify: Verify, token_factory: TokenFactory
) -> None:
    with pytest.raises(BadSignature):
        verify(headed(token_factory, {"alg": "RS256"} | EMBEDDED[name], ATTACKER.sign))


def test_key_set_that_the_token_names_is_not_fetched(
    verify: Verify, token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    with KeySetServer(ATTACKER) as attackers:
        for url in (attackers.url, f"{key_set_server.url}@{attackers.url}"):
            for kid in (POOL.kid, ATTACKER.kid):
                with pytest.raises(TokenError):
                    verify(
                        headed(
                            token_factory, {"alg": "RS256", "jku": url, "kid": kid}, ATTACKER.sign
                        )
                    )
        assert attackers.hits == 0


def test_key_verifies_only_tokens_with_its_kid(
    verify: Verify, token_factory: TokenFactory, second_factory: TokenFactory
) -> None:
    assert verify(token_factory.access()).sub == token_factory.sub
    assert verify(second_factory.access()).sub == second_factory.sub
    with pytest.raises(BadSignature):
        verify(token_factory.access(header={"kid": second_factory.key.kid}))


UNPUBLISHED_KIDS = {
    "in upper case": POOL.kid.upper(),
    "in lower case": POOL.kid.lower(),
    "cut": POOL.kid[:-1],
    "lengthened": POOL.kid + "=",
    "SQL": "' UNION SELECT 'key' --",
    "a path": "../../../../dev/null",
    "a URL": "https://attacker.example/key",
    "a command": "/dev/null; id",
    "keys": "keys",
    "__proto__": "__proto__",
    "__class__": "__class__",
    "zero": "0",
    "a space": " ",
}


@pytest.mark.parametrize("name", UNPUBLISHED_KIDS)
def test_unpublished_kid_is_unknown(name: str, verify: Verify, token_factory: TokenFactory) -> None:
    with pytest.raises(UnknownKey):
        verify(token_factory.access(header={"kid": UNPUBLISHED_KIDS[name]}))


@pytest.mark.parametrize("fault", ["junk_entries", "exotic", "bad_key_first"])
def test_unusable_keys_do_not_affect_other_keys(
    fault: str, verify: Verify, token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    key_set_server.behave(fault)
    assert verify(token_factory.access()).sub == token_factory.sub
    for kid in ("oct", "ec", "okp", "no numbers", "zero", "malformed"):
        with pytest.raises(UnknownKey):
            verify(token_factory.access(header={"kid": kid}))


def test_signature_with_a_published_symmetric_key_is_refused(
    verify: Verify, token_factory: TokenFactory, key_set_server: KeySetServer
) -> None:
    key_set_server.behave("exotic")

    def sign(data: bytes) -> bytes:
        return hmac.new(b"secret", data, "sha256").digest()

    with pytest.raises(UnsupportedAlgorithm):
        verify(headed(token_factory, {"alg": "HS256", "kid": "oct"}, sign))


def test_unusable_key_is_unknown_although_its_signature_is_correct(
    verify: Verify, key_set_server: KeySetServer
) -> None:
    small: SigningKey = signing_key("small", bits=1024)
    key_set_server.publish(POOL, small)
    with pytest.raises(UnknownKey):
        verify(TokenFactory(small).access())
