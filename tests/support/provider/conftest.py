"""The provider is tested with its own fixtures."""

from __future__ import annotations

from tests.support.provider.fixtures import clock, provider, provider_server

__all__ = ["clock", "provider", "provider_server"]
