"""Note each connection that this process makes from now on, except those to the Runtime API."""

from __future__ import annotations

import os
import sys
from typing import Any

MADE: list[str] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = ":".join(map(str, arguments[1][:2]))
        if address != os.environ.get("AWS_LAMBDA_RUNTIME_API"):
            MADE.append(address)


sys.addaudithook(_note)
