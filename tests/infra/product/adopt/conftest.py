"""A user pool for projects that adopt Gatehouse, one browser, and upstream with later releases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.infra.product.adopt.upstream import Releases
from tests.support.application import Stack, running_stack
from tests.support.browser import chromium, page

__all__ = ["chromium", "page"]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    directory = tmp_path_factory.mktemp("pool")
    with running_stack(directory, run=directory, path="/gatehouse") as stack:
        yield stack


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return Releases(tmp_path_factory.mktemp("releases") / "upstream")
