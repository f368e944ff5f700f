"""The verifier, which turns a token into claims or raises the reason why it is invalid."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cognito.errors import BadSignature, MissingClaim, UnsupportedAlgorithm, WrongIssuer
from cognito.tokens.cache import TokenCache
from cognito.tokens.claim_checks import (
    client_id_of,
    require_audience,
    token_use_of,
    validity_of,
    wrong_token_use,
)
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

_NO_SCOPES: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class TrustedIssuer:
    """An issuer whose tokens are accepted if they were issued to one of `client_ids`.

    `iss` must exactly equal one of the pool's names (`PoolIssuer.names`). `Claims.issuer` is always
    `issuer`, so that users keep their identity when Cognito writes the other name.

    Attributes:
        audience: what the claim ``aud`` of an access token must be, if it has one (RFC 8707). None
            refuses every access token that has one.
        requires_audience: refuses access tokens without ``aud``.
        open_scopes: an access token that is bound to `audience` and has one of these scopes is
            accepted from any client (`Claims.is_listed_client` is False). Empty refuses them.
    """

    issuer: str
    client_ids: frozenset[str]
    keys: KeySource = field(repr=False)
    audience: str | None = None
    requires_audience: bool = False
    open_scopes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.issuer or "" in self.client_ids:
            raise ValueError("an issuer needs a name, and none of its client ids may be empty")
        if not self.audience and (
            self.audience is not None or self.requires_audience or self.open_scopes
        ):
            raise ValueError("an audience must not be empty, and the other two need one")


class TokenVerifier:
    """Verifies the tokens of its issuers. One verifier serves all threads of a process.

    Args:
        issuers: at least one.
        clock: Unix time in seconds.
        cache_size: maximum number of cached tokens, at about 4 KB each.
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
            raise ValueError("at least one issuer is required, and no issuer may be repeated")
        self._clock = clock
        self._cache = TokenCache(cache_size)

    def verify(
        self, unverified_token: str, *, token_uses: frozenset[str], is_from_provider: bool = False
    ) -> Claims:
        """Return the claims of a valid token.

        Args:
            token_uses: the accepted values of `token_use`: ``access``, ``id`` or both.
            is_from_provider: the token came straight from the issuer (see `KeySource.key`). It may
                be longer than a token that a caller sends. `aud` of an access token is not
                compared, because the token may be for another service.

        Raises:
            TokenError: the token is invalid. Each reason has its own class.
            KeysUnavailable: the keys are unavailable, so the token cannot be verified now.
        """
        limit = MAX_ISSUED_TOKEN_CHARACTERS if is_from_provider else MAX_TOKEN_CHARACTERS
        token, now = token_bytes(unverified_token, max_characters=limit), self._clock()
        digest = TokenCache.digest(token)
        claims = self._cache.get(digest, now)
        if claims is None:
            jws, trusted, claims = self._judge(token, now, token_uses, None, is_from_provider)
            key, generation = trusted.keys.key_and_generation(
                jws.header.kid, is_from_provider=is_from_provider
            )
            _check_signature(jws, key)
            # A longer token is never accepted as a bearer token, so caching it would be useless.
            # A token that may be bound to another service is not cached either, because a caller
            # could send it.
            if len(token) <= MAX_TOKEN_CHARACTERS and not (
                is_from_provider and (trusted.requires_audience or "aud" in jws.payload)
            ):
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
        """Return the claims of the ID token of a sign-in.

        Args:
            client_id: the app client of the sign-in.
            nonce: the nonce of the sign-in. Pass SKIP only for a refresh, which has none.
            access_token: the access token of the same answer. Pass SKIP only if there is none.

        Raises:
            TokenError: the token is invalid. Each reason has its own class.
            KeysUnavailable: the keys are unavailable, so the token cannot be verified now.
        """
        token = token_bytes(unverified_token, max_characters=MAX_ISSUED_TOKEN_CHARACTERS)
        now = self._clock()
        client_ids = frozenset({client_id})
        jws, trusted, claims = self._judge(token, now, frozenset({ID}), client_ids, True)
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
        is_from_provider: bool,
    ) -> tuple[UnverifiedJWS, TrustedIssuer, Claims]:
        """Run all checks except that of the signature. The result is not verified yet."""
        jws = parse_compact(unverified_token)
        payload = jws.payload
        trusted = self._trusted_issuer(payload)
        token_use = token_use_of(payload, accepted=token_uses)
        if jws.header.typ == "at+jwt" and token_use != ACCESS:
            raise UnsupportedAlgorithm(received=jws.header.typ)
        issued_at, expires_at = validity_of(payload, now=now)
        open_scopes: frozenset[str] = _NO_SCOPES
        if (
            ("aud" in payload or trusted.requires_audience)
            and token_use == ACCESS
            and not is_from_provider
            and "client_id" in payload
        ):
            require_audience(payload, trusted.audience)
            open_scopes = trusted.open_scopes
        accepted = client_ids or trusted.client_ids
        client_id = client_id_of(payload, token_use, accepted=accepted, open_scopes=open_scopes)
        claims = claims_of(
            payload,
            unverified_json=jws.payload_json,
            issuer=trusted.issuer,
            token_use=token_use,
            client_id=client_id,
            expires_at=expires_at,
            issued_at=issued_at,
            is_listed_client=not open_scopes or client_id in accepted,
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
