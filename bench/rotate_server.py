"""Serve the application on a port of loopback, with a thread for each request."""

from __future__ import annotations

import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 256


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
