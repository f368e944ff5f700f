"""Verify tokens of WebSockets in Channels.

Browsers cannot send an `Authorization` header with a WebSocket. The page sends the token as a
subprotocol, beside the one that it speaks:

    new WebSocket(url, ["chat.v1", `bearer.${accessToken}`])

A token in the query string would be in the logs of every server on the way.
"""

from asgiref.sync import sync_to_async

from cognito.errors import CognitoUnavailable, TokenError
from cognito.tokens.pool_verifier import pool_verifier

verifier = pool_verifier("eu-west-1_AbCdEfGhI", client_ids=["1example23456789"])
PREFIX = "bearer."
TRY_AGAIN_LATER, POLICY_VIOLATION = 1013, 1008  # RFC 6455, section 7.4


class CognitoMiddleware:
    """Put the claims of the token into `scope["claims"]`, or close the connection."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        offered = scope.get("subprotocols", [])
        tokens = [name.removeprefix(PREFIX) for name in offered if name.startswith(PREFIX)]
        try:
            # The keys may have to be fetched, which must not block other connections.
            claims = await sync_to_async(verifier.verify)(
                tokens[0] if len(tokens) == 1 else "", token_uses=frozenset({"access"})
            )
        except TokenError:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        except CognitoUnavailable:
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        # The application must not answer with the token as the subprotocol.
        spoken = [name for name in offered if not name.startswith(PREFIX)]
        await self.app({**scope, "subprotocols": spoken, "claims": claims}, receive, send)
