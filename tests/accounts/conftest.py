"""The credentials of the application's role."""

from __future__ import annotations

import pytest

from infra.local.ministack import ACCESS_KEY_ID, SECRET_ACCESS_KEY


@pytest.fixture(autouse=True)
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the application calls the user pool with before an operator writes."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
