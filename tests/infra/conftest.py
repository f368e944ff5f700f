"""A real MiniStack, empty for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.local.ministack import MiniStack


@pytest.fixture(scope="session")
def shared_ministack() -> Iterator[MiniStack]:
    with MiniStack.started() as ministack:
        yield ministack


@pytest.fixture
def empty_ministack(shared_ministack: MiniStack) -> MiniStack:
    shared_ministack.reset()
    return shared_ministack
