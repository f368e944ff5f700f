"""Continue from a snapshot of a process: Lambda SnapStart.

Lambda starts one process when a version is published, and keeps a snapshot of its memory. Whenever
it needs another process, it continues from the snapshot, after minutes or after months. All of them
have the same memory, and their monotonic clock did not advance meanwhile. So everything that must
be new or unique is made again after each restore.

Sources:
    https://docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html
    https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Callable
from importlib import import_module
from typing import Protocol

from django.db import connections
from django.urls import URLResolver, get_resolver

from accounts import process
from accounts.metrics.declared import COLD_STARTS

# Modules that a request loads when it needs them, to keep a cold start short. A snapshot has them,
# because no client waits for it. Loading them makes no connection and reads no credentials.
LOADED_BEFORE = (
    *("boto3", "botocore.awsrequest", "botocore.config", "requests", "urllib3"),
    "cognito.directory.users",
)


class Hooks(Protocol):
    """The module `snapshot_restore_py` of Lambda's runtime."""

    def register_before_snapshot(self, hook: Callable[[], None]) -> None: ...

    def register_after_restore(self, hook: Callable[[], None]) -> None: ...


def register_hooks() -> None:
    """Have Lambda's runtime call the two functions below.

    Raises:
        ModuleNotFoundError: the runtime has no hooks. Without them all processes would have the
            same state, so the version must not be published.
    """
    hooks: Hooks = import_module("snapshot_restore_py")
    hooks.register_before_snapshot(before_snapshot)
    hooks.register_after_restore(after_restore)


def before_snapshot() -> None:
    """Load the modules that a request could need, and close connections, which would not survive.

    Nothing here may use the network: TLS would initialize the random generators of the OpenSSL
    libraries inside our packages, which only seed themselves when they are first used.
    """
    for name in LOADED_BEFORE:
        import_module(name)
    _load_urls(get_resolver())
    connections.close_all()
    gc.collect()
    gc.freeze()


def after_restore() -> None:
    """Make this process different from the others that continue from the same snapshot."""
    # os.urandom, and with it `secrets` and UUIDs, asks the kernel, which Lambda seeds again.
    random.seed()
    import_module("ssl").RAND_add(os.urandom(32), 32.0)
    process.renew()
    process.current.metrics.count(COLD_STARTS)


def _load_urls(resolver: URLResolver) -> None:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            _load_urls(pattern)
