"""Lambda's Runtime API on this machine, and functions that run under AWS's own runtime client.

The client (awslambdaric) is the program that runs Python functions on Lambda: it loads the handler,
asks the Runtime API for events, and sends the answers back.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any

_RUNTIME = "/2018-06-01/runtime/"
_SECONDS = 60.0


class FunctionFailed(Exception):
    """The function raised an error, or did not start. The message is what it reported."""


@dataclass
class _Invocation:
    event: object
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    is_answered: threading.Event = field(default_factory=threading.Event)
    answer: Any = None
    error: str = ""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Accept that a function is killed while it waits for an event."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # as it came


class RuntimeApi:
    """Hands events to the processes of one function. A process asks again after each answer."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[SimpleQueue[_Invocation | None]] = []
        self._invocations: dict[str, _Invocation] = {}
        self._failures: list[str] = []
        self.is_running: Callable[[], bool] = lambda: True
        self._is_at_snapshot, self._is_restored = threading.Event(), threading.Event()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                api._get(self)

            def do_POST(self) -> None:
                api._post(self)

            def log_message(self, *_: object) -> None:
                """Keep the output of the tests short."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"

    @classmethod
    @contextmanager
    def serving(cls) -> Iterator[RuntimeApi]:
        api = cls()
        thread = threading.Thread(target=api._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield api
        finally:
            with api._changed:
                for slot in api._waiting:
                    slot.put(None)
            api._is_restored.set()
            api._server.shutdown()
            api._server.server_close()
            thread.join(_SECONDS)

    def invoke(self, event: object) -> Any:
        """Return the answer to an event. Raises FunctionFailed."""
        return self.invoke_each([event])[0]

    def invoke_each(self, events: Sequence[object]) -> list[Any]:
        """Give each event to a process of its own, at the same time. Return the answers."""
        invocations = [_Invocation(event) for event in events]
        with self._changed:
            self._wait(lambda: len(self._waiting) >= len(events), "no process asks for an event")
            for invocation in invocations:
                self._invocations[invocation.id] = invocation
                self._waiting.pop(0).put(invocation)
        for invocation in invocations:
            if not invocation.is_answered.wait(_SECONDS):
                raise FunctionFailed("no answer")
            if invocation.error:
                raise FunctionFailed(invocation.error)
        return [invocation.answer for invocation in invocations]

    def wait_for_snapshot(self) -> None:
        """Wait until the function has started, and Lambda would take the snapshot."""
        with self._changed:
            self._wait(self._is_at_snapshot.is_set, "the function is not ready for a snapshot")

    def restore(self) -> None:
        """Let the process continue from its snapshot."""
        self._is_restored.set()

    def _wait(self, condition: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + _SECONDS
        while not condition():
            if self._failures:
                raise FunctionFailed("; ".join(self._failures))
            if not self.is_running() or time.monotonic() > deadline:
                raise FunctionFailed(otherwise)
            self._changed.wait(0.05)

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.removeprefix(_RUNTIME)
        if path == "restore/next":
            self._is_at_snapshot.set()
            self._is_restored.wait()
            _respond(request, 200, b"{}")
            return
        slot: SimpleQueue[_Invocation | None] = SimpleQueue()
        with self._changed:
            self._waiting.append(slot)
            self._changed.notify_all()
        invocation = slot.get()
        if invocation is None:
            request.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 29) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:0:function:x:live",
        }
        _respond(request, 200, json.dumps(invocation.event).encode(), headers)

    def _post(self, request: BaseHTTPRequestHandler) -> None:
        body = _body(request)
        kind, _, rest = request.path.removeprefix(_RUNTIME).partition("/")
        if kind == "invocation":
            name, _, what = rest.partition("/")
            invocation = self._invocations[name]
            if what == "response":
                invocation.answer = json.loads(body)
            else:
                invocation.error = body.decode()
            invocation.is_answered.set()
        else:
            # `init/error` and `restore/error`.
            with self._changed:
                self._failures.append(body.decode())
                self._changed.notify_all()
        _respond(request, 202, b"{}")


def _respond(
    request: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    headers: Mapping[str, str] | None = None,
) -> None:
    request.send_response(status)
    for name, value in {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **(headers or {}),
    }.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


def _body(request: BaseHTTPRequestHandler) -> bytes:
    if request.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return request.rfile.read(int(request.headers.get("Content-Length", 0)))
    body = b""
    while size := int(request.rfile.readline().partition(b";")[0], 16):
        body += request.rfile.read(size)
        request.rfile.readline()
    request.rfile.readline()
    return body


@contextmanager
def function(
    command: Sequence[str | Path], directory: Path, *, variables: Mapping[str, str], log: Path
) -> Iterator[RuntimeApi]:
    """Run a function during the block, with nothing in its environment but `variables`.

    Args:
        command: runs the runtime client, with the handler as its last argument.
        directory: of the code, which is Lambda's `/var/task`.
    """
    with RuntimeApi.serving() as api, log.open("wb") as output:
        running = subprocess.Popen(
            list(command),
            cwd=directory,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "AWS_LAMBDA_RUNTIME_API": api.address,
                "LAMBDA_TASK_ROOT": str(directory),
                # What Lambda mounts is read-only.
                "PYTHONDONTWRITEBYTECODE": "1",
                **variables,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            # A function may fork.
            start_new_session=True,
        )
        api.is_running = lambda: running.poll() is None
        try:
            yield api
        finally:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait(_SECONDS)
