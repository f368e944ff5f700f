"""The verifier of one user pool, for programs that only verify tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cognito.tokens.key_source import KeySource
from cognito.tokens.pool_issuer import PoolIssuer
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
_USER_POOL_ID = re.compile(r"(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9])_[0-9A-Za-z]+")


def pool_verifier(
    user_pool_id: str,
    *,
    client_ids: Iterable[str],
    audience: str | None = None,
    issuer: str = "",
    jwks_url: str = "",
) -> TokenVerifier:
    """Return a verifier for the tokens of a user pool. Make one for the process, and keep it.

    It does no I/O before it verifies the first token. See `TokenVerifier.verify`.

    Args:
        client_ids: the app clients whose tokens are accepted.
        audience: what `aud` of an access token must be, if it has one (RFC 8707).
        issuer, jwks_url: replace the addresses on AWS, for a local user pool.

    Raises:
        ValueError: the id of the user pool is malformed, or there is no app client.
    """
    match = _USER_POOL_ID.fullmatch(user_pool_id)
    if match is None:
        raise ValueError(
            f"{user_pool_id!r} is not the id of a user pool, such as eu-west-1_AbCdEfGhI."
        )
    accepted = frozenset([client_ids] if isinstance(client_ids, str) else client_ids)
    if not accepted:
        raise ValueError("Name at least one app client, or no token would be accepted.")
    name = issuer or PoolIssuer.of_pool(region=match["region"], user_pool_id=user_pool_id).name
    keys = KeySource(jwks_url or f"{name}/.well-known/jwks.json")
    return TokenVerifier(
        [TrustedIssuer(issuer=name, client_ids=accepted, keys=keys, audience=audience)]
    )
