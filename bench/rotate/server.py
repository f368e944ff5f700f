"""Serve the application on a port of loopback, with threads that keep their connections."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

# A connection to the database belongs to a thread. With a new thread for each request, PostgreSQL
# would start a process for each.
THREADS = 8


class Server(WSGIServer):
    request_queue_size = 256

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._threads = ThreadPoolExecutor(THREADS)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._threads.submit(self._answer, request, client_address)

    def _answer(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except Exception:  # noqa: BLE001 - as socketserver does
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)


class Handler(WSGIRequestHandler):
    def address_string(self) -> str:
        return self.client_address[0]

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as inherited
        """Write no line for a request."""


def main(port: int) -> None:
    from project.wsgi import application  # noqa: PLC0415 - it reads the environment

    with make_server("127.0.0.1", port, application, Server, Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
