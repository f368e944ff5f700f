"""Keeps every line that the test process logs, for the last test of all to look through.

A pytest plugin, named in pyproject.toml.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

import pytest

from project.logs import JsonFormatter

LAST = "tests/test_no_secret_is_logged.py"
_handler = pytest.StashKey[logging.FileHandler]()


def pytest_sessionstart(session: pytest.Session) -> None:
    # A handler of its own, because pytest's come and go with each test.
    path = Path(tempfile.mkdtemp(prefix="gatehouse-log-")) / "tests.log"
    handler = logging.FileHandler(path)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    session.config.stash[_handler] = handler


def pytest_sessionfinish(session: pytest.Session) -> None:
    handler = session.config.stash[_handler]
    logging.getLogger().removeHandler(handler)
    handler.close()
    shutil.rmtree(Path(handler.baseFilename).parent)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.nodeid.startswith(LAST))


@pytest.fixture
def everything_logged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """All lines so far: of this process, and of those that wrote under pytest's directory."""
    handler = request.config.stash[_handler]
    handler.flush()
    paths = [Path(handler.baseFilename), *tmp_path_factory.getbasetemp().rglob("*.log")]
    return [line for path in paths for line in path.read_text(errors="replace").splitlines()]
