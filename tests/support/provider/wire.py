"""Responses, and faults of their transmission, by name."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from dataclasses import dataclass, field

REASON = "Answer"
HANG_SECONDS = 60.0


@dataclass(frozen=True)
class HTTPAnswer:
    """A response before it is sent."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def head(self, **more: str) -> bytes:
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(self.body)),
            "Connection": "close",
            **self.headers,
            **more,
        }
        lines = [f"HTTP/1.1 {self.status} {REASON}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def whole(self) -> bytes:
        return self.head() + self.body


FAULTS = frozenset(
    {
        "hang",  # no response
        "delay",  # :SECONDS before the response
        "drip",  # :SECONDS between the bytes of the body
        "header_drip",  # :SECONDS between the bytes of head and body
        "reset",
        "truncate",  # half of the announced length
        "header_bomb",
        "huge",  # :BYTES
        "gzip_bomb",  # :BYTES after decompression
        "status",  # :STATUS with the body of a correct response
        "redirect",  # :URL
        "redirect307",  # :URL
    }
)


def is_wire_fault(fault: str) -> bool:
    return fault.partition(":")[0] in FAULTS


def send(
    connection: socket.socket, answer: HTTPAnswer, fault: str, let_go: threading.Event
) -> None:
    """Send the response with the fault. `let_go` ends every wait."""
    name, _, argument = fault.partition(":")
    if name == "hang":
        let_go.wait(HANG_SECONDS)
        return
    if name == "delay":
        let_go.wait(float(argument))
    if name == "reset":
        # Closing with a linger time of 0 sends RST.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return
    if name in {"drip", "header_drip"}:
        _drip(connection, answer, name, float(argument), let_go)
        return
    if name == "huge":
        _pour(connection, answer, int(argument))
        return
    connection.sendall(_changed(answer, name, argument))


def _changed(answer: HTTPAnswer, name: str, argument: str) -> bytes:
    if name == "status":
        return HTTPAnswer(int(argument), answer.body, answer.headers).whole()
    if name in {"redirect", "redirect307"}:
        status = 302 if name == "redirect" else 307
        return HTTPAnswer(status, answer.body, {"Location": argument}).whole()
    if name == "truncate":
        return answer.whole()[: -len(answer.body) // 2]
    if name == "header_bomb":
        bomb = {f"X-Bomb-{i}": "a" * 60_000 for i in range(90)}
        return HTTPAnswer(answer.status, answer.body, bomb).whole()
    if name == "gzip_bomb":
        packed = gzip.compress(b" " * int(argument))
        return HTTPAnswer(answer.status, packed, {"Content-Encoding": "gzip"}).whole()
    return answer.whole()


def _drip(
    connection: socket.socket,
    answer: HTTPAnswer,
    name: str,
    seconds: float,
    let_go: threading.Event,
) -> None:
    whole = answer.whole()
    at_once = 0 if name == "header_drip" else len(whole) - len(answer.body)
    connection.sendall(whole[:at_once])
    for byte in whole[at_once:]:
        if let_go.wait(seconds):
            return
        connection.sendall(bytes([byte]))


def _pour(connection: socket.socket, answer: HTTPAnswer, count: int) -> None:
    connection.sendall(answer.head(**{"Content-Length": str(count)}))
    block = b" " * 65_536
    for _ in range(count // len(block)):
        connection.sendall(block)
