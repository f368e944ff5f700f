"""The verifier: from a string off the wire to claims, or to the one reason why not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cognito.errors import BadSignature, MissingClaim, UnsupportedAlgorithm, WrongIssuer
from cognito.tokens.cache import TokenCache
from cognito.tokens.claim_checks import client_id_of, token_use_of, validity_of, wrong_token_use
from cognito.tokens.claims import ACCESS, ID, Claims, claims_of
from cognito.tokens.id_token import (
    SKIP,
    Skipped,
    check_access_token_hash,
    check_authorized_party,
    check_nonce,
)
from cognito.tokens.jws import (
    MAX_ISSUED_TOKEN_CHARACTERS,
    MAX_TOKEN_CHARACTERS,
    UnverifiedJWS,
    parse_compact,
    token_bytes,
)
from cognito.tokens.key_source import KeySource
from cognito.tokens.keys import VerificationKey
from cognito.tokens.pool_issuer import PoolIssuer

__all__ = ["SKIP", "TokenVerifier", "TrustedIssuer"]


@dataclass(frozen=True, kw_only=True)
class TrustedIssuer:
    """An issuer whose tokens are taken, if they are for one of `client_ids`.

    `iss` must be exactly one of the `names` of the pool whose issuer this is. `Claims.issuer` is
    `issuer` whichever name a token has, so that users keep their identity.
    """

    issuer: str
    client_ids: frozenset[str]
    keys: KeySource = field(repr=False)

    def __post_init__(self) -> None:
        if not self.issuer or "" in self.client_ids:
            raise ValueError("an issuer and its app clients must have names")


class TokenVerifier:
    """Verifies tokens of the issuers it is given. One serves a whole process, from many threads.

    `clock` gives seconds since 1970. `cache_size` is how many verified tokens are remembered
    at most, about 4 KB each.
    """

    def __init__(
        self,
        issuers: Iterable[TrustedIssuer],
        *,
        clock: Callable[[], float] = time.time,
        cache_size: int = 1024,
    ) -> None:
        named = [
            (name, trusted) for trusted in issuers for name in PoolIssuer(trusted.issuer).names
        ]
        self._issuers = dict(named)
        if not named or len(self._issuers) != len(named):
            raise ValueError("at least one issuer is needed, and none may be given twice")
        self._clock = clock
        self._cache = TokenCache(cache_size)

    def verify(
        self, unverified_token: str, *, token_uses: frozenset[str], is_from_provider: bool = False
    ) -> Claims:
        """The claims of a token of one of `token_uses`, which are of ``access`` and ``id``.

        `is_from_provider` is for a token that came straight from the issuer: see `KeySource.key`.
        It may be longer than one that a caller sends.

        Raises a TokenError that says what is wrong, or KeysUnavailable if that cannot be told now.
        """
        limit = MAX_ISSUED_TOKEN_CHARACTERS if is_from_provider else MAX_TOKEN_CHARACTERS
        token, now = token_bytes(unverified_token, max_characters=limit), self._clock()
        digest = TokenCache.digest(token)
        claims = self._cache.get(digest, now)
        if claims is None:
            jws, trusted, claims = self._judge(token, now, token_uses, None)
            key, generation = trusted.keys.key_and_generation(
                jws.header.kid, is_from_provider=is_from_provider
            )
            _check_signature(jws, key)
            # A longer one never comes back as a bearer token, and would take space for nothing.
            if len(token) <= MAX_TOKEN_CHARACTERS:
                self._cache.put(digest, claims, keys=trusted.keys, generation=generation)
        elif claims.token_use not in token_uses:
            raise wrong_token_use(claims.token_use, accepted=token_uses)
        return claims

    def verify_id_token(
        self,
        unverified_token: str,
        *,
        client_id: str,
        nonce: str | Skipped,
        access_token: str | Skipped,
    ) -> Claims:
        """The claims of the ID token that came back from a sign-in of the app client `client_id`.

        `nonce` is the one the sign-in began with, `access_token` what came along: pass SKIP for the
        first only where there was none (a refresh), for the second only if none came.

        Raises a TokenError that says what is wrong, or KeysUnavailable if that cannot be told now.
        """
        token = token_bytes(unverified_token, max_characters=MAX_ISSUED_TOKEN_CHARACTERS)
        now = self._clock()
        jws, trusted, claims = self._judge(token, now, frozenset({ID}), frozenset({client_id}))
        check_authorized_party(jws.payload, client_id)
        check_nonce(jws.payload, nonce)
        check_access_token_hash(jws.payload, access_token)
        _check_signature(jws, trusted.keys.key(jws.header.kid, is_from_provider=True))
        return claims

    def _judge(
        self,
        unverified_token: bytes,
        now: float,
        token_uses: frozenset[str],
        client_ids: frozenset[str] | None,
    ) -> tuple[UnverifiedJWS, TrustedIssuer, Claims]:
        """Every check but the signature's. What comes back is not verified yet."""
        jws = parse_compact(unverified_token)
        payload = jws.payload
        trusted = self._trusted_issuer(payload)
        token_use = token_use_of(payload, accepted=token_uses)
        if jws.header.typ == "at+jwt" and token_use != ACCESS:
            raise UnsupportedAlgorithm(received=jws.header.typ)
        issued_at, expires_at = validity_of(payload, now=now)
        claims = claims_of(
            payload,
            unverified_json=jws.payload_json,
            issuer=trusted.issuer,
            token_use=token_use,
            client_id=client_id_of(payload, token_use, accepted=client_ids or trusted.client_ids),
            expires_at=expires_at,
            issued_at=issued_at,
        )
        return jws, trusted, claims

    def _trusted_issuer(self, unverified_payload: Mapping[str, Any]) -> TrustedIssuer:
        issuer = unverified_payload.get("iss")
        trusted = self._issuers.get(issuer) if isinstance(issuer, str) else None
        if trusted is None:
            if issuer is None:
                raise MissingClaim(expected="iss")
            raise WrongIssuer(expected=frozenset(self._issuers), received=issuer)
        return trusted


def _check_signature(jws: UnverifiedJWS, key: VerificationKey) -> None:
    if not key.verifies(jws.signing_input, jws.signature):
        raise BadSignature
