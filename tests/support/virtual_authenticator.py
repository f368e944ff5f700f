"""Chromium's virtual authenticator: https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page


class VirtualAuthenticator:
    """An authenticator of one page, which verifies its user."""

    def __init__(self, page: Page) -> None:
        self._cdp = page.context.new_cdp_session(page)
        self._cdp.send("WebAuthn.enable", {"enableUI": False})
        added = self._cdp.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": False,
                }
            },
        )
        self._id: dict[str, Any] = {"authenticatorId": added["authenticatorId"]}

    def __len__(self) -> int:
        """Return the number of its passkeys."""
        return len(self._cdp.send("WebAuthn.getCredentials", self._id)["credentials"])

    @contextmanager
    def touched(self) -> Iterator[None]:
        """During the block, the user confirms what a page asks for."""
        self._touch(enabled=True)
        yield
        self._touch(enabled=False)

    def _touch(self, *, enabled: bool) -> None:
        self._cdp.send("WebAuthn.setAutomaticPresenceSimulation", {**self._id, "enabled": enabled})
