"""What every operation works with."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_cognito.aws.ministack_pools import MiniStackPools
from local_cognito.aws.recovery.history import History
from local_cognito.expiring_store import ExpiringStore

if TYPE_CHECKING:
    from local_cognito.aws.sign_in.progress import Progress

# https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
# (AuthSessionValidity). Each sign-in has the shorter lifetime of its app client.
MAXIMUM_SESSION_SECONDS = 15 * 60

# The JSON of a request, which the dispatcher has checked against the service model, and of an
# answer, which it checks afterwards. Names are those of AWS.
Request = Mapping[str, Any]
Answer = dict[str, Any]


class Clock:
    """Seconds since 1970. Tests set `offset`, to see what expires."""

    offset: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset


@dataclass(frozen=True)
class Context:
    """The parts of the local Cognito.

    Attributes:
        pools: MiniStack's user pools with their app clients and users.
        lock: hold it to read and change something in one step, because requests run in threads.
            Do not hold it while a trigger runs, which may call the local AWS.
        progress: sign-ins between two requests. They end when the stack stops.
        history: earlier versions of the pools. They end when the stack stops.
    """

    pools: MiniStackPools
    clock: Clock = field(default_factory=Clock)
    lock: threading.RLock = field(default_factory=threading.RLock)
    progress: ExpiringStore[Progress] = field(
        default_factory=lambda: ExpiringStore(seconds=MAXIMUM_SESSION_SECONDS)
    )
    history: History = field(default_factory=History)
