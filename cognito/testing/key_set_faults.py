"""The documents that a `KeySetServer` can send in place of its key set, by name."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from cognito.testing.signing_key import SigningKey, signing_key

Keys = Sequence[SigningKey]

_OTHER_KEYS: list[Any] = [
    None,
    42,
    "key",
    [],
    {},
    {"kty": "RSA"},
    {"kty": "RSA", "kid": "no numbers", "use": "sig", "alg": "RS256"},
    {"kty": "RSA", "kid": "zero", "use": "sig", "alg": "RS256", "n": "AA", "e": "AA"},
    {"kty": "RSA", "kid": "malformed", "use": "sig", "alg": "RS256", "n": "!?", "e": ["AQAB"]},
    {"kty": ["RSA"], "kid": {"a": 1}, "use": "sig", "alg": "RS256", "n": 5, "e": None},
]
_EXOTIC_KEYS: list[Any] = [
    {"kty": "oct", "kid": "oct", "use": "sig", "alg": "HS256", "k": "c2VjcmV0"},
    {"kty": "EC", "kid": "ec", "use": "sig", "alg": "ES256", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kty": "OKP", "kid": "okp", "use": "sig", "alg": "EdDSA", "crv": "Ed25519", "x": "AA"},
    {"kty": "AKP", "kid": "akp", "use": "sig", "alg": "ML-DSA-44", "pub": "AA"},
]


def key_set(entries: Any) -> bytes:
    """Return a JWK Set with these entries."""
    return json.dumps({"keys": entries}).encode()


def _entries(keys: Keys, **changes: Any) -> bytes:
    return key_set([key.jwk(**changes) for key in keys])


# Each function returns the document for the published keys.
DOCUMENTS: dict[str, Callable[[Keys], bytes]] = {
    "ok": _entries,
    "garbage": lambda _: bytes(range(256)),
    "html": lambda _: b"<!doctype html><title>503</title>",
    "empty": lambda _: b"",
    "array": lambda _: b"[]",
    "list": lambda keys: json.dumps([key.jwk() for key in keys]).encode(),
    "bom": lambda keys: b"\xef\xbb\xbf" + _entries(keys),
    "utf16": lambda keys: _entries(keys).decode().encode("utf-16"),
    "twice": lambda keys: b'{"keys":[],' + _entries(keys)[1:],
    "deep": lambda _: b'{"keys":' + b"[" * 50_000,
    "no_keys": lambda _: b"{}",
    "empty_keys": lambda _: b'{"keys":[]}',
    "null_keys": lambda _: b'{"keys":null}',
    "keys_object": lambda keys: key_set({key.kid: key.jwk() for key in keys}),
    "message": lambda _: b'{"message":"User pool does not exist."}',
    "bad_key_first": lambda keys: key_set([_OTHER_KEYS[6], *(key.jwk() for key in keys)]),
    "junk_entries": lambda keys: key_set([*_OTHER_KEYS, *(key.jwk() for key in keys)]),
    "exotic": lambda keys: key_set([*_EXOTIC_KEYS, *(key.jwk() for key in keys)]),
    "no_kid": lambda keys: _entries(keys, kid=None),
    "no_alg": lambda keys: _entries(keys, alg=None),
    "other_alg": lambda keys: _entries(keys, alg="RS512"),
    "no_use": lambda keys: _entries(keys, use=None),
    "use_enc": lambda keys: _entries(keys, use="enc"),
    "dup_kid": lambda keys: key_set(
        [entry for key in keys for entry in (key.jwk(), signing_key("twin").jwk(kid=key.kid))]
    ),
    "small_key": lambda keys: key_set(
        [signing_key("small", bits=1024).jwk(kid=key.kid) for key in keys]
    ),
}


@cache
def gzip_bomb(unpacked_bytes: int) -> bytes:
    """Return a small gzip file that decompresses to `unpacked_bytes` spaces."""
    return gzip.compress(b" " * unpacked_bytes)
