"""Record all log lines of a test process, and search them for secrets after its last test.

pyproject.toml loads this module as a pytest plugin.
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.demo import DEMO_PASSWORD
from project.logs.configuration import JsonFormatter
from tests.support.environment import VARIABLES
from tests.support.provider.pool import CLIENT_SECRET

# Access, ID and refresh tokens, which are signed or encrypted JWTs.
TOKEN = re.compile(r"eyJ[\w-]{10,}\.[\w-]*\.[\w-]{10,}")
# A code, state, verifier or password as a parameter. Each contains a digit. A source line in a
# traceback, such as `refresh_token=tokens.refresh_token`, contains no digit.
PARAMETER = re.compile(
    r"\b(code|state|nonce|code_verifier|refresh_token|client_secret|password)="
    r"(?=[\w%.~+/-]*\d)[\w%.~+/-]{6,}"
)
SECRETS = [
    VARIABLES["DJANGO_SECRET_KEY"],
    VARIABLES["COGNITO_CLIENT_SECRET"],
    VARIABLES["TOKEN_ENCRYPTION_KEYS"],
    CLIENT_SECRET,
    DEMO_PASSWORD,
]

_handler = pytest.StashKey[logging.FileHandler]()


def pytest_sessionstart(session: pytest.Session) -> None:
    # The session has its own handler, because pytest adds and removes its handlers with each test.
    path = Path(tempfile.mkdtemp(prefix="gatehouse-log-")) / "tests.log"
    handler = logging.FileHandler(path)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    session.config.stash[_handler] = handler


def pytest_runtest_setup(item: pytest.Item) -> None:
    # A test that configures logging again removes all handlers.
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
    """Return a function that returns all lines so far: of this process, and of servers' logs."""
    handler = request.config.stash[_handler]

    def lines() -> list[str]:
        handler.flush()
        paths = [Path(handler.baseFilename), *tmp_path_factory.getbasetemp().rglob("*.log")]
        return [line for path in paths for line in path.read_text(errors="replace").splitlines()]

    return lines


@pytest.fixture(scope="session", autouse=True)
def nothing_secret_is_logged(everything_logged: Callable[[], list[str]]) -> Iterator[None]:
    """Search the log at the end. This fixture is set up first, so the servers have stopped then."""
    yield
    assert [line for line in everything_logged() if secrets_in(line)] == []


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines that the test and its set-up logged, in the application's format."""
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    return [JsonFormatter().format(record) for record in records]


def secrets_in(line: str) -> list[str]:
    """Return the names of the secrets in a line."""
    found = [
        name for name, form in (("token", TOKEN), ("parameter", PARAMETER)) if form.search(line)
    ]
    return found + [f"secret {i}" for i, secret in enumerate(SECRETS) if secret in line]
