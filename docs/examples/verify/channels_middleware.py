"""Verify tokens of WebSockets in Channels.

Browsers cannot send an `Authorization` header with a WebSocket. The page sends the token as a
subprotocol, beside the one that it speaks:

    new WebSocket(url, ["chat.v1", `bearer.${accessToken}`])

A token in the query string would be in the logs of every server on the way. Put the middleware
around your consumers in `asgi.py`:

    application = ProtocolTypeRouter(
        {
            "http": get_asgi_application(),
            "websocket": CognitoMiddleware(URLRouter([path("chat", Chat.as_asgi())])),
        }
    )

A consumer accepts with `self.accept(subprotocol="chat.v1")`, because browsers close a connection
whose server chooses none of the subprotocols that the page offers.
"""

from asgiref.sync import sync_to_async

from cognito.errors import CognitoUnavailable, TokenError
from cognito.tokens.pool_verifier import pool_verifier

verifier = pool_verifier("eu-west-1_AbCdEfGhI", client_ids=["1example23456789"])
PREFIX = "bearer."
# Codes for private use (RFC 6455, section 7.4.2), because Daphne sends no 1008 and no 1013.
UNAUTHORIZED, UNAVAILABLE = 4401, 4503


class CognitoMiddleware:
    """Put the claims of the token into `scope["claims"]`, or close the connection.

    The page sees code 4401 if it needs a new token, and 4503 if it must try again later.
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        offered = scope.get("subprotocols", [])
        tokens = [name.removeprefix(PREFIX) for name in offered if name.startswith(PREFIX)]
        # The application must not answer with the token as the subprotocol.
        spoken = [name for name in offered if not name.startswith(PREFIX)]
        try:
            # The keys may have to be fetched, which must not block other connections.
            claims = await sync_to_async(verifier.verify)(
                tokens[0] if len(tokens) == 1 else "", token_uses=frozenset({"access"})
            )
        except TokenError:
            await refuse(send, spoken, UNAUTHORIZED)
        except CognitoUnavailable:
            await refuse(send, spoken, UNAVAILABLE)
        else:
            await self.app({**scope, "subprotocols": spoken, "claims": claims}, receive, send)


async def refuse(send, spoken, code):
    """Accept first, because a page does not see the code of a connection that was not accepted."""
    await send({"type": "websocket.accept", "subprotocol": next(iter(spoken), None)})
    await send({"type": "websocket.close", "code": code})
