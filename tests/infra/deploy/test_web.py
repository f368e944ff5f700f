"""GET requests, and malformed responses to them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.deploy.web import get


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Run a server that sends these bytes to one request, and yield its address."""

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


def test_names_of_headers_are_case_insensitive() -> None:
    """CloudFront and API Gateway write some of them in lower case (RFC 9110, section 5.1)."""
    with answering(b"HTTP/1.1 302 Found\r\nlocation: /there\r\nContent-Length: 0\r\n\r\n") as url:
        assert get(url).headers.get("Location") == "/there"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n"])
def test_malformed_response_is_a_network_error(answer: bytes) -> None:
    with answering(answer) as url, pytest.raises(OSError, match=r".+"):
        get(url)
