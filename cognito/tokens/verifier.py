"""The verifier, which turns a token into claims or raises the reason why it is invalid."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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
    Header,
    parse_compact,
    split_compact,
    token_bytes,
)
from cognito.tokens.key_source import KeySource
from cognito.tokens.pool_issuer import PoolIssuer
from cognito.tokens.usual_claims import usual_claims

__all__ = ["SKIP", "TokenVerifier", "TrustedIssuer"]

_NO_SCOPES: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
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
    keys: KeySource
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
        signing_input, encoded_signature, digest = split_compact(token)
        claims = self._cache.get(digest, encoded_signature, now)
        if claims is not None:
            if claims.token_use not in token_uses:
                raise wrong_token_use(claims.token_use, accepted=token_uses)
            return claims
        header, payload, payload_json, signature = parse_compact(signing_input, encoded_signature)
        trusted, claims = self._judge(
            header, payload, payload_json, now, token_uses, is_from_provider=is_from_provider
        )
        keys = trusted.keys
        # The number comes first, so that the cache drops this token if its key is then withdrawn.
        generation = keys.generation
        key = keys.key(header.kid, is_from_provider=is_from_provider)
        if not key.verifies(digest, signature):
            raise BadSignature
        # A longer token is never accepted as a bearer token, so caching it would be useless.
        # A token that may be bound to another service is not cached either, because a caller
        # could send it.
        if len(token) <= MAX_TOKEN_CHARACTERS and not (
            is_from_provider and (trusted.requires_audience or "aud" in payload)
        ):
            self._cache.put(digest, encoded_signature, claims, keys, generation)
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
        signing_input, encoded_signature, digest = split_compact(token)
        header, payload, payload_json, signature = parse_compact(signing_input, encoded_signature)
        trusted, claims = self._judge(
            header,
            payload,
            payload_json,
            self._clock(),
            frozenset({ID}),
            client_ids=frozenset({client_id}),
            is_from_provider=True,
        )
        check_authorized_party(payload, client_id)
        check_nonce(payload, nonce)
        check_access_token_hash(payload, access_token)
        key = trusted.keys.key(header.kid, is_from_provider=True)
        if not key.verifies(digest, signature):
            raise BadSignature
        return claims

    def _judge(
        self,
        header: Header,
        payload: Mapping[str, Any],
        payload_json: bytes,
        now: float,
        token_uses: frozenset[str],
        *,
        is_from_provider: bool,
        client_ids: frozenset[str] | None = None,
    ) -> tuple[TrustedIssuer, Claims]:
        """Run all checks except that of the signature. The result is not verified yet.

        `client_ids` replaces those of the issuer.
        """
        issuer = payload.get("iss")
        trusted = self._issuers.get(issuer) if isinstance(issuer, str) else None
        if trusted is None:
            raise self._wrong_issuer(issuer)
        if ACCESS in token_uses and client_ids is None and not trusted.requires_audience:
            usual = usual_claims(payload, payload_json, trusted.issuer, trusted.client_ids, now)
            if usual is not None:
                return trusted, usual
        token_use = token_use_of(payload, token_uses)
        if header.typ == "at+jwt" and token_use != ACCESS:
            raise UnsupportedAlgorithm(received=header.typ)
        issued_at, expires_at = validity_of(payload, now)
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
        client_id = client_id_of(payload, token_use, accepted, open_scopes)
        claims = claims_of(
            payload,
            unverified_json=payload_json,
            issuer=trusted.issuer,
            token_use=token_use,
            client_id=client_id,
            expires_at=expires_at,
            issued_at=issued_at,
            is_listed_client=not open_scopes or client_id in accepted,
        )
        return trusted, claims

    def _wrong_issuer(self, issuer: object) -> MissingClaim | WrongIssuer:
        if issuer is None:
            return MissingClaim(expected="iss")
        return WrongIssuer(expected=frozenset(self._issuers), received=issuer)
