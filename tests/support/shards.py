"""How pytest-xdist shares the tests out, where `-n` asks for several processes.

A pytest plugin, named in pyproject.toml. A file's tests stay together, because fixtures of a module
are expensive here, and so do all that may use the one deployment. The longest come first: what is
left at the end, while the other processes have nothing more to do, is then short.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadfile import LoadFileScheduling

DEPLOYED = ("tests/e2e/test_deployed", "tests/infra/deploy/")
LONGEST_FIRST = ("e2e", "infra", "clients", "races", "accounts", "api")


class Scheduling(LoadFileScheduling):  # type: ignore[misc] # it has no types
    """By file, and what is DEPLOYED in one."""

    def _split_scope(self, nodeid: str) -> str:
        return "deployed" if nodeid.startswith(DEPLOYED) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    config.option.loadscopereorder = False
    return Scheduling(config, log)


# After pytest-django has put the tests in an order.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    emptying = {item.path for item in items if _empties_the_database(item)}
    items.sort(key=lambda item: (item.path in emptying, *_turn(item.nodeid)))


def _empties_the_database(item: pytest.Item) -> bool:
    """Of what migrations put there, too: tests that need it have to come before."""
    mark = item.get_closest_marker("django_db")
    fixtures = getattr(item, "fixturenames", ())
    return bool(mark and mark.kwargs.get("transaction")) or "transactional_db" in fixtures


def _turn(nodeid: str) -> tuple[bool, int]:
    directory = PurePosixPath(nodeid).parts[1]
    turn = LONGEST_FIRST.index(directory) if directory in LONGEST_FIRST else len(LONGEST_FIRST)
    return not nodeid.startswith(DEPLOYED), turn
