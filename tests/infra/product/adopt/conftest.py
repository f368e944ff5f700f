"""One browser, and upstream with later releases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.infra.product.adopt.pool import Pool, running_pool
from tests.infra.product.adopt.upstream import Releases
from tests.support.browser import chromium, page

__all__ = ["chromium", "page"]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with running_pool(tmp_path_factory.mktemp("pool")) as pool:
        yield pool


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return Releases(tmp_path_factory.mktemp("releases") / "upstream")
