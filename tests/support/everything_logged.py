"""Keeps every line that a test process logs, to be looked through when its last test is over.

A pytest plugin, named in pyproject.toml.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from project.logs.configuration import JsonFormatter

_handler = pytest.StashKey[logging.FileHandler]()


def pytest_sessionstart(session: pytest.Session) -> None:
    # A handler of its own, because pytest's come and go with each test.
    path = Path(tempfile.mkdtemp(prefix="gatehouse-log-")) / "tests.log"
    handler = logging.FileHandler(path)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    session.config.stash[_handler] = handler


def pytest_runtest_setup(item: pytest.Item) -> None:
    # A test that configures logging anew has all handlers taken away.
    logging.getLogger().addHandler(item.config.stash[_handler])


def pytest_sessionfinish(session: pytest.Session) -> None:
    handler = session.config.stash[_handler]
    logging.getLogger().removeHandler(handler)
    handler.close()
    shutil.rmtree(Path(handler.baseFilename).parent)


@pytest.fixture(scope="session")
def everything_logged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], list[str]]:
    """Gives all lines so far: of this process, and of those that wrote under pytest's directory."""
    handler = request.config.stash[_handler]

    def lines() -> list[str]:
        handler.flush()
        paths = [Path(handler.baseFilename), *tmp_path_factory.getbasetemp().rglob("*.log")]
        return [line for path in paths for line in path.read_text(errors="replace").splitlines()]

    return lines
