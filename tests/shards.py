"""How pytest-xdist shares the tests out, where `-n` asks for several processes.

A pytest plugin, named in pyproject.toml. A file's tests stay together, because fixtures of a module
are expensive here, and so do all tests of the one deployment. The longest come first: what is left
at the end, while the other processes have nothing more to do, is then short.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

LONGEST_FIRST = ("e2e", "infra", "clients", "races", "accounts", "api")


class Together:
    """Before pytest-xdist looks for the mark."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            file = item.nodeid.partition("::")[0]
            together = "deployment" if _needs_deployment(item) else file.replace("/", ".")
            item.add_marker(pytest.mark.xdist_group(together))


class LongestFirst:
    """After pytest-django has put the tests in an order."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=_turn)


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Together())
        config.pluginmanager.register(LongestFirst())


def _turn(item: pytest.Item) -> tuple[bool, int]:
    directory = PurePosixPath(item.nodeid).parts[1]
    turn = LONGEST_FIRST.index(directory) if directory in LONGEST_FIRST else len(LONGEST_FIRST)
    return not _needs_deployment(item), turn


def _needs_deployment(item: pytest.Item) -> bool:
    return "deployment" in getattr(item, "fixturenames", ())
