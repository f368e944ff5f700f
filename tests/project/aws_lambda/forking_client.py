"""A runtime client that makes two processes of one snapshot.

Lambda copies the memory of a virtual machine. A fork copies the memory of a process, so both
continue with the same objects, as after two restores. Run as a program with the handler's name.
"""

from __future__ import annotations

import ctypes
import os
import sys

from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient


class ForkingClient(LambdaRuntimeClient):  # type: ignore[misc] # it has no types
    def restore_next(self) -> None:
        super().restore_next()
        # Not os.fork(), after which Python seeds `random` again in the new process.
        ctypes.PyDLL(None).fork()


if __name__ == "__main__":
    bootstrap.run(sys.argv[1], ForkingClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
