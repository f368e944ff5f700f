"""Every test here may have the provider, browsers and the clock of tests.provider."""

from __future__ import annotations

from tests.provider.deadlines import short_deadlines
from tests.provider.fixtures import browser, clock, new_browser, provider, provider_server

__all__ = ["browser", "clock", "new_browser", "provider", "provider_server", "short_deadlines"]
