"""ID tokens that each have one fault, by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac

from cognito.testing import WITHOUT, signing_key
from cognito.wire import base64url
from tests.support.provider.drafts import Draft

# Takes the draft and the access token of the response, and returns the ID token.
IdTokenFault = Callable[[Draft, str], str]


def claims(**changes: Any) -> IdTokenFault:
    """Return a fault that changes these claims."""
    return lambda draft, access: draft.id_token(access, **changes)


def _times(**offsets: int) -> IdTokenFault:
    """Return a fault that sets these times, in seconds from now."""

    def make(draft: Draft, access: str) -> str:
        changes: dict[str, Any] = {name: draft.now + off for name, off in offsets.items()}
        return draft.id_token(access, **changes)

    return make


def _header(**changes: Any) -> IdTokenFault:
    return lambda draft, access: draft.id_token(access, header=changes)


def _hmac_signed(secret_of: Callable[[Draft], str]) -> IdTokenFault:
    """Return a fault that signs by HS256 with a known secret (RFC 8725, section 3.1)."""

    def make(draft: Draft, access: str) -> str:
        payload = draft.id_token(access).split(".")[1]
        header = {"alg": "HS256", "kid": draft.factory.key.kid}
        mac_key = secret_of(draft).encode()

        def sign(data: bytes) -> bytes:
            mac = hmac.HMAC(mac_key, hashes.SHA256())
            mac.update(data)
            return mac.finalize()

        return draft.factory.forged(_json(header), base64url.decode(payload.encode()), sign=sign)

    return make


def _bad_signature(draft: Draft, access: str) -> str:
    head, _, signature = draft.id_token(access).rpartition(".")
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def _rs512(draft: Draft, access: str) -> str:
    payload = base64url.decode(draft.id_token(access).split(".")[1].encode())
    key = draft.factory.key
    header = _json({"alg": "RS512", "kid": key.kid})
    return draft.factory.forged(
        header, payload, sign=lambda data: key.sign(data, algorithm=hashes.SHA512())
    )


def _under_kid(kid_of: Callable[[Draft], str], *, by: str, **header: str) -> IdTokenFault:
    """Return a fault that signs with another key than the one that the header names."""

    def make(draft: Draft, access: str) -> str:
        key = draft.factory.key if by == "pool" else signing_key(by)
        return draft.id_token(access, key=key, header={"kid": kid_of(draft), **header})

    return make


def _embedded_key(draft: Draft, access: str) -> str:
    key = signing_key("attacker")
    return draft.id_token(access, key=key, header={"jwk": key.jwk()})


def _jku(draft: Draft, access: str) -> str:
    return draft.id_token(access, key=signing_key("attacker"), header={"jku": draft.evil_url})


def _deep_header(draft: Draft, access: str) -> str:
    payload = base64url.decode(draft.id_token(access).split(".")[1].encode())
    return draft.factory.forged(b"[" * 5_000, payload)


def _json(members: dict[str, str]) -> bytes:
    return json.dumps(members).encode()


REFUSED: dict[str, IdTokenFault] = {
    "wrong_iss": claims(iss="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Elsewhere"),
    "no_iss": claims(iss=WITHOUT),
    "wrong_aud": claims(aud="anotherclient"),
    "no_aud": claims(aud=WITHOUT),
    "aud_list_extra": lambda draft, access: draft.id_token(
        access, aud=[draft.factory.client_id, "anotherclient"]
    ),
    "azp_other": claims(azp="anotherclient"),
    "bad_nonce": claims(nonce="A" * 43),
    "no_nonce": claims(nonce=WITHOUT),
    "empty_nonce": claims(nonce=""),
    "list_nonce": lambda draft, access: draft.id_token(access, nonce=[draft.nonce]),
    "replayed": lambda draft, _: draft.earlier_id_token,
    "expired": _times(exp=-3600, iat=-7200),
    "no_exp": claims(exp=WITHOUT),
    "null_exp": claims(exp=None),
    "old_iat": _times(iat=-30 * 24 * 3600),
    "future_nbf": _times(nbf=3600),
    "future_iat": _times(iat=3600, exp=7200),
    "no_sub": claims(sub=WITHOUT),
    "empty_sub": claims(sub=""),
    "list_sub": lambda draft, access: draft.id_token(access, sub=[draft.sign_in.person.sub]),
    "bad_sig": _bad_signature,
    "other_key": _under_kid(lambda draft: draft.factory.key.kid, by="attacker"),
    "other_key_embedded": _embedded_key,
    "jku": _jku,
    "unknown_kid": _header(kid="unpublished-key"),
    "kid_of_second_key": _under_kid(lambda draft: draft.second_key.kid, by="pool"),
    "hs256_secret": _hmac_signed(lambda draft: draft.client_secret),
    "hs256_client_id": _hmac_signed(lambda draft: draft.factory.client_id),
    "rs512": _rs512,
    "crit": _header(crit=["exp"]),
    "malformed": lambda *_: "not.a-token",
    "deep_header": _deep_header,
    "bad_at_hash": claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "other_sub": claims(sub="9a0b1c2d-0000-4000-8000-000000000000"),
    "wrong_token_use": claims(token_use="access"),
}

OF_ANOTHER_TIME: dict[str, IdTokenFault] = {
    "auth_time_old": _times(auth_time=-3600),
    "auth_time_too_old": _times(auth_time=-301),
    "auth_time_future": _times(auth_time=3600),
    "auth_time_missing": claims(auth_time=WITHOUT),
    "auth_time_null": claims(auth_time=None),
    "auth_time_true": claims(auth_time=True),
    "auth_time_text": lambda draft, access: draft.id_token(access, auth_time=str(draft.now)),
    "auth_time_list": lambda draft, access: draft.id_token(access, auth_time=[draft.now]),
    "auth_time_zero": claims(auth_time=0),
    "auth_time_negative": claims(auth_time=-1),
    "auth_time_huge": claims(auth_time=10**300),
    "auth_time_in_milliseconds": lambda draft, access: draft.id_token(
        access, auth_time=draft.now * 1000
    ),
}

ACCEPTED: dict[str, IdTokenFault] = {
    "no_at_hash": lambda draft, _: draft.id_token(None),
    "nul_in_name": claims(name="Ada\0Lovelace"),
    "long_name": claims(name="Ada" * 1000),
    "no_email": claims(email=WITHOUT, email_verified=WITHOUT),
    "email_object": claims(email={"at": "example.com"}),
    "no_names": claims(**{"cognito:username": WITHOUT, "name": WITHOUT, "email": WITHOUT}),
    # These begin a session, but never confirm one.
    **OF_ANOTHER_TIME,
}
