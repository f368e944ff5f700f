"""How a process on Lambda starts quickly. Somebody waits for each of its starts."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import NoReturn


@contextmanager
def quick_start() -> Iterator[None]:
    """Load the application in here: a sixth of the processor time is saved (bench/cold.py).

    What is loaded stays for good, so that looking for garbage among it finds none, now or later:
    collections are off, and what is there then is exempt from them.

    Two packages are imported by others for what nobody here does. They are as good as not there,
    for as long as this lasts; whoever imports them later gets the real ones.
    """
    stand_ins = {
        # Django REST framework imports it wherever it finds it, for a client that tests use.
        # Documented: what is None here is not found.
        "requests": None,
        # python-jose can take a key out of a certificate. A pool's keys are JWKs.
        "cryptography.x509": _without_certificates(),
    }
    absent = {name: stand_in for name, stand_in in stand_ins.items() if name not in sys.modules}
    gc.disable()
    sys.modules.update(absent)  # type: ignore[arg-type] # None, too
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
