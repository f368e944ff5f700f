"""`requests` on a leash: a connection that can be cut from outside and that reads so much only.

The `timeout=` of requests is per read, so a server that drips a byte a second is never too slow;
and there is no limit on what is read. Both limits are therefore kept here, on the socket itself,
where the TLS handshake, headers, chunk framing and body all pass.
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


class Leash:
    """Holds one connection: `cut` ends it from another thread, `spend` counts its bytes."""

    def __init__(self, *, max_bytes: int) -> None:
        self._left = max_bytes
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._cut = False

    def hold(self, connected: socket.socket) -> None:
        """Take hold of a connected socket. Raises TransportError if it is too late already."""
        with self._lock:
            if self._cut:
                connected.close()
                raise TransportError(reason="connected too late")
            # A duplicate, because wrapping a socket in TLS takes its descriptor away from it; and
            # shutting a duplicate shuts the connection.
            self._held = connected.dup()

    def spend(self, count: int) -> None:
        """Count bytes that were read. Raises TransportError when they are too many."""
        self._left -= count
        if self._left < 0:
            raise TransportError(reason="the answer is too long")

    def cut(self) -> None:
        """End the connection, so that whoever reads or writes on it fails at once."""
        with self._lock:
            self._cut = True
            if self._held is not None:
                try:
                    self._held.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return  # the other side was faster

    def release(self) -> None:
        """Let go of the connection: the exchange has ended."""
        with self._lock:
            if self._held is not None:
                self._held.close()
                self._held = None


class LeashedAdapter(HTTPAdapter):
    """The transport of requests, for one exchange.

    It is used without a `requests.Session`: a session takes proxies, netrc and CA bundles from the
    environment, keeps cookies, and reads the whole body of a redirect that it does not follow.
    """

    def __init__(self, leash: Leash) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self._leash = leash

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> ConnectionPool:
        # Any, because urllib3 wants a class where a callable will do, and the stubs say less still.
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        kind = _LeashedHTTPS if pool.scheme == "https" else _LeashedHTTP
        pool.ConnectionCls = partial(kind, leash=self._leash)
        return pool  # type: ignore[no-any-return]


class _LeashedHTTP(HTTPConnection):
    def __init__(self, *args: Any, leash: Leash, **options: Any) -> None:
        super().__init__(*args, **options)
        self._leash = leash
        # http.client only ever calls it.
        self.response_class = partial(_MeteredResponse, leash=leash)  # type: ignore[assignment]

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        self._leash.hold(connected)
        return connected


class _LeashedHTTPS(_LeashedHTTP, HTTPSConnection):
    pass


class _MeteredResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, leash: Leash, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Metered(self.fp.detach(), leash))


class _Metered(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, leash: Leash) -> None:
        self._raw = raw
        self._leash = leash

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        count = self._raw.readinto(buffer)
        self._leash.spend(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
