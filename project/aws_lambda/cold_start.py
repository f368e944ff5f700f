"""Start a process on Lambda quickly: a client waits for each start."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

# Other packages import these modules for functions that no request here calls.
POSTPONED = (
    # python-jose can read a key from a certificate. A pool's keys are JWKs.
    "cryptography.x509",
    "cryptography.hazmat.primitives.serialization.ssh",
    # Django REST framework's own description of the API. Ours is by drf-spectacular.
    "rest_framework.schemas.openapi",
    "uritemplate",
    # Django splits a script of SQL statements with it, for databases other than PostgreSQL.
    "sqlparse",
)


@contextmanager
def quick_start() -> Iterator[None]:
    """Load the application inside this context, which saves a fifth of the processor time.

    The loaded modules stay in memory, so the garbage collector would find nothing to free. It is
    off inside the context, and ignores these modules afterwards.

    Inside the context, stand-ins replace modules that are imported but not used. A later import
    gets the real ones.
    """
    # `python -m bench cold` measures it.  # only with bench
    stand_ins: dict[str, ModuleType | None] = {name: _Postponed(name) for name in POSTPONED}
    # Django REST framework tries to import it for a client that only tests use. The import of a
    # module that is None in sys.modules fails: https://docs.python.org/3/library/sys.html#sys.modules
    stand_ins["requests"] = None
    absent = {name: stand_in for name, stand_in in stand_ins.items() if name not in sys.modules}
    gc.disable()
    sys.modules.update(absent)  # type: ignore[arg-type] # None is allowed
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
        gc.freeze()
        gc.enable()


class _Postponed(ModuleType):
    """A module with any function. A call loads the real module and calls its function."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*args: Any, **options: Any) -> Any:
            return getattr(import_module(self.__name__), name)(*args, **options)

        return call
