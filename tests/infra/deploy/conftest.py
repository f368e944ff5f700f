"""Let the commands run on every Python that the tests support."""

from __future__ import annotations

import pytest

from infra.deploy import commands


@pytest.fixture(autouse=True)
def any_python_may_deploy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the check that this Python is the runtime of the stage, which bundle/ tests."""
    monkeypatch.setattr(commands, "interpreter", lambda _: None)
