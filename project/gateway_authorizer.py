"""A Lambda authorizer for API Gateway: the application's verifier, in front of the application.

The handler of a function of its own, with the application's bundle and without Django. The gateway
asks it about an `Authorization` header before it starts the application, and keeps the answer for
minutes. So it says only what holds for all paths: whether the token is one of this pool, for one
of our clients, and current. Revocation, scopes and groups are judged by the application, which
verifies every token again.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import Any, Literal

from cognito.errors import MalformedToken, TokenError, TokenNotYetValid, UnknownKey
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer

# Tokens that may be good in a moment: what the gateway remembered would outlive the reason.
PASSING = (TokenNotYetValid, UnknownKey)

logger = logging.getLogger(__name__)


class Unauthorized(Exception):
    """The gateway answers 401 and remembers nothing. It knows this by the message alone."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The verdict on `authorizationToken` (the header) of a TOKEN authorizer's event.

    Raises Unauthorized for a bad token whose fault may pass, and KeysUnavailable, which the gateway
    calls its authorizer's failure, if nobody can tell.
    """
    scheme, _, unverified_token = str(event["authorizationToken"]).partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise MalformedToken
        claims = verifier().verify(unverified_token.strip(" "), token_uses=_token_uses())
    except PASSING as error:
        logger.info("Refused for now: %s", error.code)
        raise Unauthorized from error
    except TokenError as error:
        logger.info("Refused: %s", error.code)
        return _verdict(event, "Deny", principal="nobody")
    return _verdict(
        event, "Allow", principal=claims.sub, client_id=claims.client_id, token_use=claims.token_use
    )


@cache
def verifier() -> TokenVerifier:
    """The same as the application's, from the same variables. Makes no call: keys come along."""
    client_ids = _names("COGNITO_CLIENT_ID") | _names("COGNITO_API_CLIENT_IDS")
    keys = KeySource(
        os.environ["COGNITO_JWKS_URL"], initial=os.environ.get("COGNITO_JWKS", "") or None
    )
    trusted = TrustedIssuer(issuer=os.environ["COGNITO_ISSUER"], client_ids=client_ids, keys=keys)
    return TokenVerifier([trusted])


@cache
def _token_uses() -> frozenset[str]:
    return _names("COGNITO_API_TOKEN_USES")


def _names(variable: str) -> frozenset[str]:
    """Comma separated. Not by the parsers of the settings, which load Django's for databases."""
    return frozenset(name for part in os.environ[variable].split(",") if (name := part.strip()))


def _verdict(
    event: dict[str, Any], effect: Literal["Allow", "Deny"], *, principal: str, **context: str
) -> dict[str, Any]:
    """For every path and method of the stage, since the gateway keeps it for the token alone.

    A verdict on `methodArn` itself would refuse the same token at the next path.
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
