"""A transport for `requests` that bounds the bytes it reads and can be cut by another thread.

The `timeout=` of requests applies to each read, so a server that sends one byte a second never
exceeds it, and requests does not limit how much it reads. This module sets both limits on the
socket, because the TLS handshake, headers, chunk framing and body all pass through it.
"""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Mapping
from functools import partial
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from cognito.errors import TransportError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from requests import PreparedRequest
    from urllib3.connectionpool import ConnectionPool


class ConnectionLimits:
    """The limits of one connection: `cut` ends it from another thread, `spend` counts its bytes."""

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._left = max_bytes
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._cut = False

    def hold(self, connected: socket.socket) -> None:
        """Register the connected socket. Raises TransportError if `cut` was called before."""
        with self._lock:
            if self._cut:
                connected.close()
                raise TransportError(reason="connected too late")
            # Wrapping a socket in TLS detaches its descriptor, so keep a duplicate. Shutting down a
            # duplicate shuts down the connection.
            self._held = connected.dup()

    def spend(self, count: int) -> None:
        """Count bytes that were read. Raises TransportError when the limit is exceeded."""
        self._left -= count
        if self._left < 0:
            raise TransportError(reason="the answer is too long")

    def demand(self, count: int) -> None:
        """Raise TransportError if an answer may not have as many bytes as it announces."""
        if count > self._max_bytes:
            raise TransportError(reason="the answer is too long")

    def cut(self) -> None:
        """Shut the connection down, so that the thread that reads or writes on it fails at once."""
        with self._lock:
            self._cut = True
            if self._held is not None:
                try:
                    self._held.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return  # The server has closed it already.

    def release(self) -> None:
        """Close the duplicate socket after the exchange."""
        with self._lock:
            if self._held is not None:
                self._held.close()
                self._held = None


class BoundedAdapter(HTTPAdapter):
    """A requests transport for one exchange.

    Use it without a `requests.Session`. A session takes proxies, netrc and CA bundles from the
    environment, keeps cookies, and reads the whole body of a redirect that it does not follow.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self._limits = limits

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> ConnectionPool:
        # urllib3 asks for a class here, but any callable works; its stubs lack the attribute.
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        kind = _BoundedHTTPS if pool.scheme == "https" else _BoundedHTTP
        pool.ConnectionCls = partial(kind, limits=self._limits)
        return pool  # type: ignore[no-any-return]


class _BoundedHTTP(HTTPConnection):
    def __init__(self, *args: Any, limits: ConnectionLimits, **options: Any) -> None:
        super().__init__(*args, **options)
        self._limits = limits
        # http.client only calls it, so a partial works as well as a class.
        self.response_class = partial(_MeteredResponse, limits=limits)  # type: ignore[assignment]

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        self._limits.hold(connected)
        return connected


class _BoundedHTTPS(_BoundedHTTP, HTTPSConnection):
    pass


class _MeteredResponse(HTTPResponse):
    def __init__(
        self, sock: socket.socket, *args: Any, limits: ConnectionLimits, **options: Any
    ) -> None:
        super().__init__(sock, *args, **options)
        self.fp = _BoundedReader(_Metered(self.fp.detach(), limits), limits)


class _BoundedReader(io.BufferedReader):
    """Refuses to read an announced length that is too long.

    Python would allocate that much memory before it reads the first byte (CVE-2025-13836).
    """

    def __init__(self, raw: _Metered, limits: ConnectionLimits) -> None:
        super().__init__(raw)
        self._limits = limits

    def read(self, size: int | None = -1, /) -> bytes:
        self._limits.demand(size or 0)
        return super().read(size)


class _Metered(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, limits: ConnectionLimits) -> None:
        self._raw = raw
        self._limits = limits

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        count = self._raw.readinto(buffer)
        self._limits.spend(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
