"""The recipes of docs/verify-tokens.md for other frameworks."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from types import ModuleType
from typing import Any

from asgiref.testing import ApplicationCommunicator
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # type: ignore[import-untyped]
from ninja.testing import TestClient

from cognito.testing.token_factory import TokenFactory
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import TokenVerifier, TrustedIssuer
from infra.environments import ROOT


def recipe(name: str, verifier: TokenVerifier) -> Any:
    """Import a recipe, and let it use a local key set."""
    path = ROOT / "docs/examples/verify" / f"{name}.py"
    specification = importlib.util.spec_from_file_location(f"recipe_{name}", path)
    assert specification is not None
    assert specification.loader is not None
    module: Any = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    assert isinstance(module, ModuleType)
    vars(module)["verifier"] = verifier
    return module


def verifier_without_keys(token_factory: TokenFactory) -> TokenVerifier:
    trusted = TrustedIssuer(
        issuer=token_factory.issuer,
        client_ids=frozenset({token_factory.client_id}),
        keys=KeySource("http://127.0.0.1:9/jwks.json"),
    )
    return TokenVerifier([trusted])


def test_ninja_accepts_valid_tokens_only(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    module = recipe("ninja", token_verifier)
    client = TestClient(module.api)
    token = token_factory.access()
    answer = client.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"sub": token_factory.sub, "groups": ["readers"]}
    for header in ({}, {"Authorization": f"Bearer {token[:-4]}AAAA"}, {"Authorization": token}):
        assert client.get("/me", headers=header).status_code == 401

    module.verifier = verifier_without_keys(token_factory)
    answer = client.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 503


class Consumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """Says who is connected."""

    async def connect(self) -> None:
        await self.accept(subprotocol=self.scope["subprotocols"][0])
        await self.send_json({"sub": self.scope["claims"].sub})


async def talk(module: Any, subprotocols: list[str]) -> list[dict[str, Any]]:
    """Open a connection, and return what the server sends."""
    scope = {"type": "websocket", "path": "/", "headers": [], "subprotocols": subprotocols}
    # asgiref has no types for its tests.
    communicator: Any = ApplicationCommunicator
    client = communicator(module.CognitoMiddleware(Consumer.as_asgi()), scope)
    await client.send_input({"type": "websocket.connect"})
    sent = [await client.receive_output(timeout=5)]
    if sent[0]["type"] == "websocket.accept":
        sent.append(await client.receive_output(timeout=5))
    if sent[-1]["type"] != "websocket.close":
        await client.send_input({"type": "websocket.disconnect", "code": 1000})
    await client.wait(timeout=5)
    return sent


def refusal(code: int, subprotocol: str | None = "chat.v1") -> list[dict[str, Any]]:
    """Return what the server sends so that a browser shows the code to the page."""
    accepted = {"type": "websocket.accept", "subprotocol": subprotocol}
    return [accepted, {"type": "websocket.close", "code": code}]


def test_channels_accepts_valid_tokens_only(
    token_verifier: TokenVerifier, token_factory: TokenFactory
) -> None:
    module = recipe("channels_middleware", token_verifier)
    bearer = f"bearer.{token_factory.access()}"
    accepted, greeting = asyncio.run(talk(module, ["chat.v1", bearer]))
    assert accepted["subprotocol"] == "chat.v1"
    assert json.loads(greeting["text"]) == {"sub": token_factory.sub}

    for offered in (["chat.v1"], ["chat.v1", f"{bearer}x"], ["chat.v1", bearer, bearer]):
        assert asyncio.run(talk(module, offered)) == refusal(4401)
    module.verifier = verifier_without_keys(token_factory)
    assert asyncio.run(talk(module, ["chat.v1", bearer])) == refusal(4503)
    assert asyncio.run(talk(module, [bearer])) == refusal(4503, subprotocol=None)
