"""Start a process on Lambda quickly: a client waits for each start."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import NoReturn


@contextmanager
def quick_start() -> Iterator[None]:
    """Load the application inside this context: it saves a sixth of the processor time.

    bench/cold.py measures it. The modules that are loaded stay in memory, so the garbage collector
    finds nothing among them. It is off meanwhile, and skips them afterwards.

    Other packages import two packages for functions that this application does not use. Those two
    are missing inside the context. A later import gets the real ones.
    """
    stand_ins = {
        # Django REST framework imports it for a client that only tests use. An import of a module
        # that is None in sys.modules fails: https://docs.python.org/3/library/sys.html#sys.modules
        "requests": None,
        # python-jose can read a key from a certificate. A pool's keys are JWKs.
        "cryptography.x509": _without_certificates(),
    }
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


def _without_certificates() -> ModuleType:
    def load_pem_x509_certificate(data: bytes, backend: object = None) -> NoReturn:
        raise ValueError("certificates are not taken as keys")

    module = ModuleType("cryptography.x509")
    vars(module)["load_pem_x509_certificate"] = load_pem_x509_certificate
    return module
