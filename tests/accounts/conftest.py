"""Every test here may have the provider, browsers and the clock of tests.support.provider."""

from __future__ import annotations

import pytest

from infra.local.ministack import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from tests.support.provider.deadlines import short_deadlines
from tests.support.provider.fixtures import browser, clock, new_browser, provider, provider_server

__all__ = ["browser", "clock", "new_browser", "provider", "provider_server", "short_deadlines"]


@pytest.fixture(autouse=True)
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the application calls the user pool with before an operator writes."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
