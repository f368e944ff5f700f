"""What every operation works with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cognito.aws.ministack_pools import MiniStackPools

# The JSON of a request, which the dispatcher has checked against the service model, and of an
# answer, which it checks afterwards. Names are those of AWS.
Request = Mapping[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """The parts of the local Cognito.

    Attributes:
        pools: MiniStack's user pools with their app clients and users.
        clock: returns seconds since 1970.
        lock: hold it to read and change something in one step, because requests run in threads.
            Do not hold it while a trigger runs, which may call the local AWS.
    """

    pools: MiniStackPools
    clock: Callable[[], float] = time.time
    lock: threading.RLock = field(default_factory=threading.RLock)
