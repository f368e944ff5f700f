"""Exchange a caller's token for one with which this service calls another (RFC 8693).

A service that passes the caller's own token on gives the next service all rights of the token. A
derived token is for that service only, and has only the scopes that it needs.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-token-exchange.html
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from cognito.app_client import AppClient
from cognito.errors import (
    ClientRefused,
    InvalidParameter,
    MalformedAnswer,
    ScopeNotHeld,
    Throttled,
    TokenError,
    TooManyRequests,
)
from cognito.hosted_ui.endpoints import token_in
from cognito.tokens.claims import Claims
from cognito.tokens.jws import MAX_TOKEN_CHARACTERS
from cognito.tokens.verifier import TokenVerifier
from cognito.user_pool.service import PoolService

logger = logging.getLogger(__name__)

_ACCESS_ONLY = frozenset({"access"})
# The next service must have time to verify the token, and its clock may be ahead.
_MIN_SECONDS_LEFT = 60
# Lengths that GetDerivedToken allows.
_MAX_AUDIENCE_CHARACTERS, _MAX_SCOPES = 256, 50


@dataclass(frozen=True, slots=True)
class DerivedToken:
    """A token for another service.

    Attributes:
        access_token: for the header `Authorization: Bearer` of requests to that service.
        scopes: what the token grants, which can be less than what was asked for.
        expires_at: Unix time in seconds.
    """

    access_token: str = field(repr=False)
    scopes: frozenset[str]
    expires_at: int


class DerivedTokenCache:
    """The derived tokens of a process, until shortly before they expire. Threads may share it.

    Keys are digests, so that a caller's token is not kept. At most `size` tokens are.
    """

    def __init__(self, size: int = 256, *, clock: Callable[[], float] = time.time) -> None:
        self._size = size
        self._clock = clock
        self._lock = threading.Lock()
        # The least recently used entry is the first.
        self._tokens: dict[bytes, DerivedToken] = {}

    def __len__(self) -> int:
        return len(self._tokens)

    def get(self, key: bytes) -> DerivedToken | None:
        """Return the token, or None if it is unknown or about to expire."""
        with self._lock:
            token = self._tokens.pop(key, None)
            if token is None or not self._is_usable(token):
                return None
            self._tokens[key] = token
            return token

    def put(self, key: bytes, token: DerivedToken) -> None:
        """Keep a token, and drop the least recently used one if there are too many."""
        if len(token.access_token) > MAX_TOKEN_CHARACTERS or not self._is_usable(token):
            return
        with self._lock:
            self._tokens.pop(key, None)
            while len(self._tokens) >= self._size:
                del self._tokens[next(iter(self._tokens))]
            self._tokens[key] = token

    def _is_usable(self, token: DerivedToken) -> bool:
        return token.expires_at - self._clock() >= _MIN_SECONDS_LEFT


@dataclass(frozen=True, slots=True)
class TokenExchange:
    """The token exchange of one app client.

    The client must allow it (`ExplicitAuthFlows`): ALLOW_TOKEN_EXCHANGE_IMPERSONATION, or with an
    actor's token ALLOW_TOKEN_EXCHANGE_DELEGATION.
    """

    service: PoolService
    app_client: AppClient
    verifier: TokenVerifier
    cache: DerivedTokenCache

    def derived_token(
        self,
        access_token: str,
        *,
        audience: str,
        scopes: Collection[str],
        actor_token: str | None = None,
    ) -> DerivedToken:
        """Return a token with which this service calls `audience` for the bearer of a token.

        Args:
            access_token: the caller's token, which the API has accepted.
            audience: the name of the other service, such as its URL. It becomes `aud`.
            scopes: what the other service needs, at least one. Those that the caller's token lacks
                are left out.
            actor_token: an access token of this service itself. It becomes the actor of the token
                (`act`). Without it, the other service cannot tell this service from the user.

        Raises:
            TokenError: the caller's token is not valid.
            ScopeNotHeld: the caller's token has none of the scopes.
            NotAuthorized, UserNotFound: the pool does not accept the caller's token any more.
            CognitoUnavailable: there is no answer, or it is not what was asked for. ClientRefused:
                the app client does not allow the exchange, which is logged as an error.

        Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetDerivedToken.html
        """
        if not audience or len(audience) > _MAX_AUDIENCE_CHARACTERS:
            raise ValueError(f"the audience must have 1 to {_MAX_AUDIENCE_CHARACTERS} characters")
        # A request without scopes would give the token all scopes of the caller's.
        if not 0 < len(scopes) <= _MAX_SCOPES or isinstance(scopes, str):
            raise ValueError(f"1 to {_MAX_SCOPES} scopes are needed, as a set or a list")
        caller = self.verifier.verify(access_token, token_uses=_ACCESS_ONLY)
        wanted = caller.scopes & frozenset(scopes)
        if not wanted:
            raise ScopeNotHeld(expected=frozenset(scopes))
        key = _key(self.app_client.id, access_token, actor_token or "", audience, *sorted(wanted))
        token = self.cache.get(key)
        if token is None:
            answer = self._ask(access_token, audience, wanted, actor_token)
            token = self._checked(answer, caller, audience, wanted, actor_token)
            self.cache.put(key, token)
        return token

    def _ask(
        self, access_token: str, audience: str, scopes: frozenset[str], actor_token: str | None
    ) -> Mapping[str, Any]:
        parameters: dict[str, Any] = {
            "ClientId": self.app_client.id,
            "SubjectToken": access_token,
            "SubjectTokenType": "ACCESS_TOKEN",
            "RequestedTokenType": "ACCESS_TOKEN",
            "Scopes": sorted(scopes),
            "Audiences": [audience],
        }
        if self.app_client.secret:
            parameters["ClientSecret"] = self.app_client.secret
        if actor_token is not None:
            parameters |= {"ActorToken": actor_token, "ActorTokenType": "ACCESS_TOKEN"}
        try:
            # The type stubs of boto3 lack the operation.
            return self.service.call(
                lambda client: cast("Any", client).get_derived_token(**parameters)
            )
        except InvalidParameter as error:
            # No caller chooses these: they come from the code and the configuration.
            logger.error(  # noqa: TRY400 # the error name says enough
                "Cognito refuses a parameter of a token exchange (%s). Check its audience and "
                "scopes, and the app client's ExplicitAuthFlows (ALLOW_TOKEN_EXCHANGE_…).",
                error.received,
            )
            raise ClientRefused(reason=str(error.received)) from None
        except TooManyRequests as error:
            raise Throttled(retry_after=error.retry_after, reason=str(error.received)) from None

    def _checked(
        self,
        answer: Mapping[str, Any],
        caller: Claims,
        audience: str,
        wanted: frozenset[str],
        actor_token: str | None,
    ) -> DerivedToken:
        """Return the token of an answer. Raise MalformedAnswer if it is not what was asked for."""
        token = token_in(answer, "IssuedToken")
        if answer.get("IssuedTokenType") != "ACCESS_TOKEN" or answer.get("TokenType") != "Bearer":
            raise MalformedAnswer(reason="the derived token is not an access token")
        try:
            claims = self.verifier.verify(token, token_uses=_ACCESS_ONLY, is_from_provider=True)
        except TokenError as error:
            raise MalformedAnswer(reason=f"the derived token: {error.code}") from None
        if reason := _difference(claims, caller, audience, wanted, has_actor=bool(actor_token)):
            logger.error("Cognito derived a token that is refused: %s.", reason)
            raise MalformedAnswer(reason=reason)
        return DerivedToken(token, claims.scopes, claims.expires_at)


def _difference(
    claims: Claims, caller: Claims, audience: str, wanted: frozenset[str], *, has_actor: bool
) -> str:
    """Return how a derived token differs from what was asked for, or an empty string."""
    if (claims.issuer, claims.sub) != (caller.issuer, caller.sub):
        return "it belongs to another user"
    if claims.raw.get("aud") != audience:
        # The receiver could use it to call other services, this one included.
        return "it is not bound to the audience"
    if not claims.scopes <= wanted:
        return "it has more scopes than were asked for"
    # An exchange must not hide who acts for the user.
    chain, expected = claims.actors, caller.actors
    if chain[len(chain) - len(expected) :] != expected or len(chain) < len(expected) + has_actor:
        return "it does not name its actors"
    return ""


def _key(*parts: str) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "replace")
        # With its length, so that no two lists of parts have the same digest.
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.digest()
