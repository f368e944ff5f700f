"""Fixtures of the benchmarks' tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def same_environment_afterwards() -> Iterator[None]:
    """Undo what a benchmark sets in the environment, which later tests give to other processes."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
