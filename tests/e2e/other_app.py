"""Another application of the same user pool: a single page without a server of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from infra.local.ports import LOOPBACK
from infra.setup.node import ensure_packages

LIBRARY = "oidc-client-ts/dist/browser/oidc-client-ts.min.js"

PAGE = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Another app</title>
<script src="/library.js"></script><script src="/frame.js"></script></head>
<body><h1>Another app</h1></body></html>
"""


# In a hidden frame of the page: report the address to which the hosted UI redirected.
FRAME = b"""if (window !== parent) {
  const settings = { authority: origin, client_id: "any", redirect_uri: origin };
  new oidc.UserManager(settings).signinSilentCallback();
}
"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        found = {
            "/": ("text/html; charset=utf-8", PAGE),
            "/callback": ("text/html; charset=utf-8", PAGE),
            "/library.js": ("text/javascript", (ensure_packages() / LIBRARY).read_bytes()),
            "/frame.js": ("text/javascript", FRAME),
        }.get(path)
        if found is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", found[0])
        self.send_header("Content-Length", str(len(found[1])))
        self.end_headers()
        self.wfile.write(found[1])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing, because the addresses contain codes."""


@contextmanager
def serving(url: str) -> Iterator[None]:
    """Serve the page at `url`, an origin on this machine, during the block."""
    server = ThreadingHTTPServer((LOOPBACK, urlsplit(url).port or 80), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
