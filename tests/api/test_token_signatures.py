"""Algorithms, keys and signatures: what an attacker can do without the pool's private key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from cognito.testing import WITHOUT
from tests.api.conftest import Caller
from tests.support.answers import assert_refused
from tests.support.tokens import Forge, Sign, access_claims, encode, hs, ps, rs

pytestmark = pytest.mark.usefixtures("known_keys")


@pytest.mark.parametrize(
    "alg",
    [
        "none", "nOnE", "None", "NONE", "", " RS256", "RS256 ", "rs256", "RS", "RS2567", "RS384",
        "RS512", "PS256", "ES256", "ES256K", "EdDSA", "HS256", "SHA256withRSA", "RSA-OAEP",
        "A256GCM", "dir", 256, True, False, None, ["RS256"], {"alg": "RS256"}, WITHOUT,
    ],
)  # fmt: skip
def test_only_rs256_is_taken_even_with_a_good_signature(
    call: Caller, forge: Forge, alg: object
) -> None:
    assert_refused(call(forge.token(header=forge.header(alg=alg))), "unsupported_algorithm")


@pytest.mark.parametrize("alg", ["none", "nOnE", "RS256"])
def test_an_unsigned_token_is_refused(call: Caller, forge: Forge, alg: str) -> None:
    token = forge.token(header=forge.header(alg=alg), sign=lambda _: b"")

    response = call(token)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def hmac_secrets(forge: Forge) -> dict[str, bytes]:
    public = forge.key.private_key.public_key()
    return {
        "PKCS#1 PEM": public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        "SPKI PEM": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "SPKI PEM, stripped": public.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ).strip(),
        "SPKI DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "modulus": forge.key.modulus,
        "modulus in base64": forge.key.jwk()["n"].encode(),
        "JWK": json.dumps(forge.key.jwk()).encode(),
        "JWKS": json.dumps(forge.jwks()).encode(),
        "client id": settings.COGNITO_CLIENT_ID.encode(),
        "client secret": settings.COGNITO_CLIENT_SECRET.encode(),
        "kid": forge.key.kid.encode(),
        "zero byte": b"\0",
    }


HASHES: dict[str, hashes.HashAlgorithm] = {
    "HS256": hashes.SHA256(),
    "HS384": hashes.SHA384(),
    "HS512": hashes.SHA512(),
}


@pytest.mark.parametrize("alg", HASHES)
def test_nothing_public_is_taken_for_a_shared_secret(call: Caller, forge: Forge, alg: str) -> None:
    for secret in hmac_secrets(forge).values():
        token = forge.token(header=forge.header(alg=alg), sign=hs(secret, HASHES[alg]))
        relabelled = forge.token(sign=hs(secret, HASHES[alg]))

        assert_refused(call(token), "unsupported_algorithm")
        assert_refused(call(relabelled), "bad_signature")


def other_signatures(forge: Forge) -> dict[str, Sign]:
    return {
        "RS384": rs(forge.key, hashes.SHA384()),
        "RS512": rs(forge.key, hashes.SHA512()),
        "PS256": ps(forge.key, hashes.SHA256()),
        "PS384": ps(forge.key, hashes.SHA384()),
        "attacker's key": rs(forge.attackers_key),
        "the pool's other key": rs(forge.second_key),
        "all zero": lambda _: bytes(256),
        "all ones": lambda _: b"\xff" * 256,
        "one": lambda _: (1).to_bytes(256, "big"),
        "psychic": lambda _: bytes(64),
        "one byte": lambda _: b"\0",
        "over other data": lambda data: rs(forge.key)(data + b"."),
        "cut to 16 bytes": lambda data: rs(forge.key)(data)[:16],
        "a byte short": lambda data: rs(forge.key)(data)[:-1],
        "a byte long": lambda data: rs(forge.key)(data) + b"\0",
        "a leading zero": lambda data: b"\0" + rs(forge.key)(data),
        "not reduced": lambda data: plus_modulus(forge, rs(forge.key)(data)),
        "short padding": lambda data: short_padding(forge, data),
        "bit flipped": lambda data: flipped(rs(forge.key)(data)),
    }


def plus_modulus(forge: Forge, signature: bytes) -> bytes:
    """s + n verifies like s for whoever does not check the range (RFC 8017 section 8.2.2)."""
    n = forge.key.private_key.public_key().public_numbers().n
    return (int.from_bytes(signature, "big") + n).to_bytes(257, "big")


def flipped(signature: bytes) -> bytes:
    return signature[:100] + bytes([signature[100] ^ 1]) + signature[101:]


def short_padding(forge: Forge, data: bytes) -> bytes:
    """Garbage after the digest, as Bleichenbacher showed in 2006; made with the private key."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    info = bytes.fromhex("3031300d060960864801650304020105000420") + digest.finalize()
    block = b"\x00\x01" + b"\xff" * 8 + b"\x00" + info
    block += b"\x00" * (256 - len(block))
    private = forge.key.private_key.private_numbers()
    power = pow(int.from_bytes(block, "big"), private.d, private.public_numbers.n)
    return power.to_bytes(256, "big")


def test_a_signature_that_is_not_the_keys_is_refused(call: Caller, forge: Forge) -> None:
    for sign in other_signatures(forge).values():
        assert_refused(call(forge.token(sign=sign)), "bad_signature")


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256", "PS384", "PS512"])
def test_other_algorithms_are_refused_even_signed_with_the_pools_key(
    call: Caller, forge: Forge, alg: str
) -> None:
    digest = getattr(hashes, f"SHA{alg[2:]}")()
    sign = rs(forge.key, digest) if alg.startswith("RS") else ps(forge.key, digest)

    response = call(forge.token(header=forge.header(alg=alg), sign=sign))

    assert_refused(response, "unsupported_algorithm")


def test_another_payload_under_a_good_signature_is_refused(call: Caller, forge: Forge) -> None:
    header, _, signature = forge.token().split(".")
    payload = encode(json.dumps(access_claims(**{"cognito:groups": ["operators"]})).encode())

    assert_refused(call(f"{header}.{payload}.{signature}"), "bad_signature")


def test_the_signature_of_another_good_token_is_refused(call: Caller, forge: Forge) -> None:
    mine, other = forge.token(), forge.token(access_claims(jti="another"))
    assert call(other).status_code == 200

    assert_refused(call(f"{mine.rpartition('.')[0]}.{other.rpartition('.')[2]}"), "bad_signature")


def test_the_pools_second_key_is_as_good_as_the_first(call: Caller, forge: Forge) -> None:
    header = forge.header(kid=forge.second_key.kid)

    assert call(forge.token(header=header, sign=rs(forge.second_key))).status_code == 200
    assert_refused(call(forge.token(header=header, sign=rs(forge.key))), "bad_signature")


def embedded(forge: Forge) -> dict[str, dict[str, Any]]:
    jwk = forge.attackers_key.jwk(kid=forge.key.kid)
    return {
        "jwk": {"jwk": jwk},
        "jwk with the pool's modulus first": {"jwk": [forge.key.jwk(), jwk]},
        "jku": {"jku": "http://127.0.0.1:9/evil/jwks.json"},
        "jku that begins like the pool's": {"jku": f"{settings.COGNITO_JWKS_URL}.evil.example"},
        "x5u": {"x5u": "http://127.0.0.1:9/evil.pem"},
        "x5c": {"x5c": [encode(b"certificate")]},
        "keys": {"keys": [jwk]},
    }


def test_a_key_that_the_token_brings_along_is_not_used(call: Caller, forge: Forge) -> None:
    for members in embedded(forge).values():
        token = forge.token(header=forge.header(**members), sign=rs(forge.attackers_key))

        assert_refused(call(token), "bad_signature")


@pytest.mark.parametrize(
    "kid",
    [
        1, True, None, {}, [], ["pool-key-One"], "", "pool-key-One\n", "pool-key-One\0", "\n",
        "x" * 300, "\u2028",
    ],
)  # fmt: skip
def test_a_kid_that_is_no_name_is_refused(call: Caller, forge: Forge, kid: object) -> None:
    assert_refused(call(forge.token(header=forge.header(kid=kid))), "malformed_token")
