"""The upload of an import file, whose address and content are secrets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.errors import InfraError
from infra.user_import.jobs import _upload

HASHES = b"pbkdf2_sha256$1000$secret-hash$\n" * 100_000


@contextmanager
def server(answer: bytes) -> Iterator[str]:
    """Read the first bytes of one request, answer, and close the connection."""

    def run() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=run)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/upload-secret"
        thread.join()


def test_interrupted_upload_tells_to_repeat_and_shows_no_secret() -> None:
    with server(b"") as url, pytest.raises(InfraError) as failed:
        _upload(url, HASHES)
    assert str(failed.value) == "The upload failed: ConnectionError. Repeat the command."
    assert failed.value.__cause__ is None


def test_upload_follows_no_redirect() -> None:
    redirect = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"
    with server(redirect) as url, pytest.raises(InfraError) as failed:
        _upload(url, b"small")
    assert str(failed.value) == "The upload was answered with 302. Repeat the command."


@pytest.mark.parametrize(
    "url", ["http://example.com/x", "ftp://example.com/x", "http://127.0.0.1.example.com/x"]
)
def test_upload_needs_tls(url: str) -> None:
    with pytest.raises(InfraError, match="without TLS"):
        _upload(url, HASHES)
