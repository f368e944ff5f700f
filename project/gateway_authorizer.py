"""A Lambda authorizer for API Gateway: it verifies tokens before the application starts.

It is the handler of another function, which has the application's bundle and does not load Django.
The gateway asks it about an `Authorization` header, and keeps the answer for minutes. So the answer
says only what is true for all paths: whether the token is from this pool, for one of our clients,
and has not expired. The application verifies every token again, and checks revocation, scopes and
groups.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from api.scopes import API_SCOPES
from cognito.errors import MalformedToken, TokenError, TokenNotYetValid, UnknownKey
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer

# These tokens may become valid in a moment, when the gateway would still remember the refusal.
PASSING = (TokenNotYetValid, UnknownKey)

logger = logging.getLogger(__name__)


class Unauthorized(Exception):
    """Have the gateway answer 401 and remember nothing. The gateway reads only the message."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer an event of a TOKEN authorizer."""
    return _authorizer().verdict(event)


@cache
def _authorizer() -> Authorizer:
    """Return the authorizer of this process, which keeps the keys and the verified tokens."""
    return Authorizer(os.environ)


class Authorizer:
    """The verifier that the application has. Making one makes no call."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._token_uses = _names(environment["COGNITO_API_TOKEN_USES"])
        client_ids = _names(environment["COGNITO_CLIENT_ID"])
        client_ids |= _names(environment["COGNITO_API_CLIENT_IDS"])
        keys = KeySource(
            environment["COGNITO_JWKS_URL"], initial=environment.get("COGNITO_JWKS", "") or None
        )
        trusted = TrustedIssuer(
            issuer=environment["COGNITO_ISSUER"],
            client_ids=client_ids,
            keys=keys,
            audience=environment["COGNITO_API_AUDIENCE"],
            requires_audience=_is_true(environment["COGNITO_REQUIRE_AUDIENCE"]),
            open_scopes=(
                frozenset(API_SCOPES)
                if environment["COGNITO_AUDIENCE_CLIENTS"].strip() == "any"
                else frozenset()
            ),
        )
        self._verifier = TokenVerifier([trusted])

    def verdict(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the policy for `authorizationToken`, which is the header.

        Raises:
            Unauthorized: the token is refused for a reason that may pass.
            KeysUnavailable: the token cannot be checked. The gateway reports an authorizer failure.
        """
        scheme, _, unverified_token = str(event["authorizationToken"]).partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise MalformedToken
            claims = self._verifier.verify(unverified_token.strip(" "), token_uses=self._token_uses)
        except PASSING as error:
            logger.info("Refused for now: %s", error.code)
            raise Unauthorized from error
        except TokenError as error:
            logger.info("Refused: %s", error.code)
            return _verdict(event, "Deny", principal="anonymous")
        return _verdict(
            event,
            "Allow",
            principal=claims.sub,
            client_id=claims.client_id,
            token_use=claims.token_use,
        )


def _names(raw: str) -> frozenset[str]:
    """Split a list at its commas. The parsers of the settings would load Django."""
    return frozenset(name for part in raw.split(",") if (name := part.strip()))


def _is_true(raw: str) -> bool:
    return raw.strip().lower() in {"true", "1"}


def _verdict(
    event: Mapping[str, Any], effect: Literal["Allow", "Deny"], *, principal: str, **context: str
) -> dict[str, Any]:
    """Return a policy for every path and method of the stage.

    The gateway keeps the policy by token, so a policy for `methodArn` alone would refuse the same
    token at the next path.
    """
    # arn:aws:execute-api:region:account:api/stage/method/path
    api, stage, *_ = str(event["methodArn"]).split("/")
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": effect,
        "Resource": f"{api}/{stage}/*",
    }
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
