"""Tests of the selection of usable keys from a key set."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognito.errors import KeysUnavailable
from cognito.testing import signing_key
from cognito.testing.key_set_faults import key_set
from cognito.tokens.keys import VerificationKey, usable_keys
from cognito.wire import base64url

GOOD = signing_key("pool")
OTHER = signing_key("other")
INPUT = sha256(b"input").digest()


def number(value: int) -> str:
    return base64url.encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode()


def test_key_verifies_only_its_own_signatures() -> None:
    keys = usable_keys(key_set([GOOD.jwk(), OTHER.jwk()]))
    assert set(keys) == {GOOD.kid, OTHER.kid}
    signature = GOOD.sign(b"input")
    assert keys[GOOD.kid].verifies(INPUT, signature)
    assert not keys[GOOD.kid].verifies(sha256(b"other input").digest(), signature)
    assert not keys[OTHER.kid].verifies(INPUT, signature)


def test_key_set_may_be_text() -> None:
    assert set(usable_keys(key_set([GOOD.jwk()]).decode())) == {GOOD.kid}


def test_text_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(KeysUnavailable):
        usable_keys("\udcff")


def test_harmless_members_are_ignored() -> None:
    entry = GOOD.jwk(x5t="abc", key_ops=["verify"], extra={"a": [1]})
    assert set(usable_keys(key_set([entry]))) == {GOOD.kid}


def test_private_members_are_ignored() -> None:
    private = number(GOOD.private_key.private_numbers().d)
    key = usable_keys(key_set([GOOD.jwk(d=private)]))[GOOD.kid]
    assert key == usable_keys(key_set([GOOD.jwk()]))[GOOD.kid]
    assert key.verifies(INPUT, GOOD.sign(b"input"))


def test_keys_are_equal_only_if_kid_and_numbers_are_equal() -> None:
    (key,) = usable_keys(key_set([GOOD.jwk()])).values()
    (renamed,) = usable_keys(key_set([GOOD.jwk(kid="renamed")])).values()
    (replaced,) = usable_keys(key_set([OTHER.jwk(kid=GOOD.kid)])).values()
    assert key == usable_keys(key_set([GOOD.jwk()]))[GOOD.kid]
    assert key not in (renamed, replaced)


def test_representation_contains_only_the_kid() -> None:
    (key,) = usable_keys(key_set([GOOD.jwk()])).values()
    assert repr(key) == f"VerificationKey(kid={GOOD.kid!r})"


UNUSABLE: dict[str, Any] = {
    "no kid": GOOD.jwk(kid=None),
    "empty kid": GOOD.jwk(kid=""),
    "kid is a number": GOOD.jwk(kid=7),
    "kid is an object": GOOD.jwk(kid={"a": 1}),
    "kid of 300 characters": GOOD.jwk(kid="k" * 300),
    "no use": GOOD.jwk(use=None),
    "use enc": GOOD.jwk(use="enc"),
    "use SIG": GOOD.jwk(use="SIG"),
    "use is a list": GOOD.jwk(use=["sig"]),
    "no alg": GOOD.jwk(alg=None),
    "alg RS512": GOOD.jwk(alg="RS512"),
    "alg PS256": GOOD.jwk(alg="PS256"),
    "alg rs256": GOOD.jwk(alg="rs256"),
    "alg none": GOOD.jwk(alg="none"),
    "no kty": GOOD.jwk(kty=None),
    "kty rsa": GOOD.jwk(kty="rsa"),
    "kty EC": GOOD.jwk(kty="EC"),
    "kty oct": GOOD.jwk(kty="oct", k="c2VjcmV0"),
    "not for verifying": GOOD.jwk(key_ops=["encrypt"]),
    "key_ops is text": GOOD.jwk(key_ops="verify"),
    "no n": GOOD.jwk(n=None),
    "n is a number": GOOD.jwk(n=65537),
    "n is empty": GOOD.jwk(n=""),
    "n is padded": GOOD.jwk(n=GOOD.jwk()["n"] + "=="),
    "n is base64": GOOD.jwk(n="+" + GOOD.jwk()["n"][1:]),
    "n is not ASCII": GOOD.jwk(n="\xe9" + GOOD.jwk()["n"][1:]),
    "n is even": GOOD.jwk(n=number(2**2048 - 2)),
    "n of 2047 bits": GOOD.jwk(n=number(2**2047 - 1)),
    "n of 1024 bits": signing_key("small", bits=1024).jwk(),
    "n of 16384 bits": GOOD.jwk(n=number(2**16384 - 1)),
    "no e": GOOD.jwk(e=None),
    "e is 1": GOOD.jwk(e=number(1)),
    "e is 3": GOOD.jwk(e=number(3)),
    "e is even": GOOD.jwk(e=number(65538)),
    "e is enormous": GOOD.jwk(e=number(2**64 + 1)),
    "null": None,
    "a number": 5,
    "text": "key",
    "a list": [GOOD.jwk()],
    "an empty object": {},
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_unusable_entry_does_not_affect_other_keys(name: str) -> None:
    keys = usable_keys(key_set([UNUSABLE[name], OTHER.jwk()]))
    assert set(keys) == {OTHER.kid}


@pytest.mark.parametrize("name", UNUSABLE)
def test_key_set_without_a_usable_key_is_refused(name: str) -> None:
    with pytest.raises(KeysUnavailable) as refused:
        usable_keys(key_set([UNUSABLE[name]]))
    assert refused.value.reason == "the key set has no usable key"


def test_keys_that_share_a_kid_are_not_used() -> None:
    twins = [GOOD.jwk(), OTHER.jwk(kid=GOOD.kid)]
    third = signing_key("third")
    assert set(usable_keys(key_set([*twins, third.jwk()]))) == {third.kid}
    with pytest.raises(KeysUnavailable):
        usable_keys(key_set(twins))


def test_key_that_shares_its_kid_with_an_unusable_entry_is_used() -> None:
    assert set(usable_keys(key_set([GOOD.jwk(use="enc"), GOOD.jwk()]))) == {GOOD.kid}


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"keys":null}',
        b'{"keys":[]}',
        b'{"keys":{}}',
        b'{"keys":"text"}',
        b'{"message":"Forbidden"}',
        json.dumps([GOOD.jwk()]).encode(),
        json.dumps(GOOD.jwk()).encode(),
        json.dumps({"Keys": [GOOD.jwk()]}).encode(),
        json.dumps({"keys": {GOOD.kid: GOOD.jwk()}}).encode(),
        json.dumps({"data": {"keys": [GOOD.jwk()]}}).encode(),
        json.dumps({GOOD.kid: GOOD.jwk()}).encode(),
        b'{"keys":[],' + key_set([GOOD.jwk()])[1:],
        b"\xef\xbb\xbf" + key_set([GOOD.jwk()]),
        key_set([GOOD.jwk()]).decode().encode("utf-16"),
        b"<html>",
        b'{"keys":' + b"[" * 100_000,
    ],
    ids=lambda document: repr(document.replace(GOOD.kid.encode(), b"<kid>")[:25]),
)
def test_document_that_is_not_a_key_set_is_refused(document: bytes) -> None:
    with pytest.raises(KeysUnavailable) as refused:
        usable_keys(document)
    assert refused.value.reason.startswith("the key set ")


@given(st.integers(2**2047, 2**2049), st.integers(2**16, 2**32))
@settings(max_examples=60, deadline=None)
def test_key_of_any_accepted_numbers_refuses_the_signature_of_another_key(
    modulus: int, exponent: int
) -> None:
    entry = GOOD.jwk(n=number(modulus), e=number(exponent), kid="made up")
    keys: dict[str, VerificationKey] = usable_keys(key_set([entry, OTHER.jwk()]))
    if "made up" in keys:
        assert not keys["made up"].verifies(INPUT, OTHER.sign(b"input"))


def test_keys_of_3072_and_4096_bits_are_used() -> None:
    # They are stored, because generating such keys takes a second.
    larger = json.loads(Path(__file__).with_name("larger_keys.json").read_text())
    keys = usable_keys(key_set([one["jwk"] for one in larger]))
    assert [len(base64url.decode(one["jwk"]["n"].encode())) for one in larger] == [384, 512]
    for one in larger:
        signature = base64url.decode(one["signature"].encode())
        key = keys[one["jwk"]["kid"]]
        assert key.verifies(INPUT, signature)
        assert not key.verifies(INPUT, signature[:-1] + bytes([signature[-1] ^ 1]))
