"""Mark slow tests, and distribute tests to the processes of pytest-xdist.

A pytest plugin, named in pyproject.toml. The tests of a file run in one process, because fixtures
of modules are expensive. So do all tests that may use the deployment, which exists once. The
longest tests run first, so that the processes end at nearly the same time. What tests that passed
have printed and logged stays in their process.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Generator
from pathlib import Path, PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadfile import LoadFileScheduling

ROOT = Path(__file__).parents[2]

# `make test-fast` omits these files, and every test with one of SLOW_MARKS or with `slow` itself.
SLOW = (
    # These start a browser, a deployment, PostgreSQL, or the application in a separate process.
    "tests/bench/",  # only with bench
    *("tests/adopt/", "tests/clients/", "tests/e2e/", "tests/infra/", "tests/races/"),
    *("tests/accounts/test_deployments.py", "tests/api/auth/test_two_processes.py"),
    "tests/project/test_debug_pages.py",
    # These need npm packages, or the environment that builds the documentation.
    *("tests/api/openapi/test_schema.py", "tests/docs/"),
    # begin capability wheel
    # This one builds the wheel.
    "tests/cognito_drf/test_wheel.py",
    # end capability wheel
    # begin capability user-migration
    # These run an old site.
    *("tests/migration/test_endpoint.py", "tests/migration/test_page.py"),
    # end capability user-migration
    # These send thousands of requests or tokens, or test every fault at every step.
    *("tests/api/test_endurance.py", "tests/api/auth/test_properties.py"),
    *("tests/api/auth/test_bodies.py", "tests/api/auth/test_throttles.py"),
    *("tests/api/auth/test_outages.py", "tests/api/me/test_faults.py"),
    "tests/api/session/test_matrix.py",  # only with notes
    "tests/accounts/sign_in/test_faulty_provider.py",
    "tests/accounts/own_account/test_second_factor_faults.py",
    "tests/accounts/sessions/test_renewal_outages.py",
    *("tests/accounts/test_database_faults.py", "tests/cognito/tokens/test_verifier_properties.py"),
    # begin capability console
    "tests/accounts/console/directory/test_admin_addresses.py",
    "tests/accounts/console/directory/test_faults.py",
    "tests/accounts/console/directory/test_names.py",
    "tests/accounts/console/directory/test_request_bounds.py",
    # end capability console
    "tests/accounts/sign_out/test_revocation_migration.py",
)
SLOW_MARKS = ("e2e", "ministack")
MARKED_AS_A_WHOLE = re.compile(
    rf"^pytestmark = .*pytest\.mark\.({'|'.join((*SLOW_MARKS, 'slow'))})\b", re.MULTILINE
)

DEPLOYED = ("tests/e2e/test_deployed", "tests/infra/deploy/")
# The tests of this file change one stage in steps.
IN_ORDER = "tests/e2e/test_deployed_gateway.py"
LONGEST_FIRST = ("e2e", "infra", "clients", "races", "accounts", "api")

# The order of a set, and the address of an object, differ between two processes. pytest-xdist needs
# the same IDs in all.
DIFFERS_BY_PROCESS = re.compile(r"\{(?:'[^']*'|[^':{}]+), | at 0x[0-9a-f]+")


class Scheduling(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    """Runs the tests of a file in one process, and all tests of DEPLOYED in one."""

    def _split_scope(self, nodeid: str) -> str:
        return "deployed" if nodeid.startswith(DEPLOYED) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    config.option.loadscopereorder = False
    return Scheduling(config, log)


def pytest_configure() -> None:
    # Modules and tests stay until the end, so there is no garbage to find in the collection.
    gc.disable()
    if moved := [path for path in SLOW if not (ROOT / path).exists()]:
        raise pytest.UsageError(f"Correct SLOW in {__file__}: {', '.join(moved)}")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import the slow files where their tests would be deselected, to save seconds."""
    if config.option.markexpr != "not slow" or not collection_path.is_relative_to(ROOT):
        return None
    slash = "/" if collection_path.is_dir() else ""
    nodeid = collection_path.relative_to(ROOT).as_posix() + slash
    if nodeid.startswith(SLOW):
        return True
    is_file = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    return (is_file and MARKED_AS_A_WHOLE.search(collection_path.read_text()) is not None) or None


def pytest_itemcollected(item: pytest.Item) -> None:
    if DIFFERS_BY_PROCESS.search(item.nodeid):
        raise pytest.UsageError(
            f"The processes would name this test differently: {item.nodeid}. "
            "Give it an ID without a set and without an address."
        )
    is_slow = item.nodeid.startswith(SLOW)
    if is_slow or any(item.get_closest_marker(mark) for mark in SLOW_MARKS):
        item.add_marker("slow")


# This runs after pytest-django, and pytest-randomly if it is on, have ordered the tests.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Do not send the output and the log lines of a test that passed to the main process."""
    report = yield
    if report.passed:
        report.sections = []
    return report


def pytest_collection_finish() -> None:
    """Exempt the imported modules and the tests from garbage collections, which search them all.

    A request to Django leaves thousands of objects, so that 700 are too few to collect each time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()


def _turn(item: pytest.Item) -> tuple[bool, int, int]:
    directory = PurePosixPath(item.nodeid).parts[1]
    turn = LONGEST_FIRST.index(directory) if directory in LONGEST_FIRST else len(LONGEST_FIRST)
    # pytest takes long to find the line.
    line = item.location[1] or 0 if item.nodeid.startswith(IN_ORDER) else 0
    return not item.nodeid.startswith(DEPLOYED), turn, line
