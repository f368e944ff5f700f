"""Kill 50 processes that write audit events and deliver them, then deliver the rest.

tests/races/test_audit_stream.py runs this in a process with the application's environment. Each
process is a fork, so that it starts in milliseconds.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from contextlib import suppress


def main(kills: int) -> None:
    import django  # noqa: PLC0415 - the environment is that of this process

    django.setup()
    from django.db import connections  # noqa: PLC0415 - as above

    from accounts.audit.stream.bus import Bus  # noqa: PLC0415 - as above
    from accounts.audit.stream.delivery import deliver  # noqa: PLC0415 - as above

    bus = Bus()
    # boto3 reads its model of the service once for all forks. It opens no connection.
    _ = bus._client  # noqa: SLF001
    killed = 0
    for number in range(kills):
        connections.close_all()
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            work(number, writer)
        # A number of steps, and not of seconds, because the machine may be busy.
        for _ in range(random.randint(1, 6)):
            os.read(reader, 1)
        time.sleep(random.uniform(0, 0.05))
        os.kill(child, signal.SIGKILL)
        os.close(reader)
        os.close(writer)
        killed += os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    while deliver(bus):
        pass
    print(killed)


def work(number: int, steps: int) -> None:
    """Write events, one of four in a transaction that fails, and deliver them, until killed.

    Write a byte to `steps` after each transaction, and after each delivery.
    """
    from django.db import transaction  # noqa: PLC0415 - as above

    from accounts.audit.stream.bus import Bus  # noqa: PLC0415 - as above
    from accounts.audit.stream.delivery import deliver  # noqa: PLC0415 - as above
    from accounts.models import AuditEvent  # noqa: PLC0415 - as above

    bus = Bus()
    for count in range(10_000):
        with suppress(ZeroDivisionError), transaction.atomic():
            is_lost = count % 4 == 3
            detail = "rolled back" if is_lost else "committed"
            AuditEvent(
                action="sign_in", outcome="success", detail=detail, request_id=f"{number}-{count}"
            ).save()
            if is_lost:
                _ = 1 / 0
        os.write(steps, b".")
        deliver(bus)
        os.write(steps, b".")
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
