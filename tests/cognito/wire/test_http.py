"""Tests of an HTTP exchange: its request, the answers it accepts, its limits and deadline."""

from __future__ import annotations

import logging
import socket
import threading
import time
import traceback
from pathlib import Path

import pytest
import requests.adapters

from cognito.errors import TransportError
from cognito.wire.bounded_adapter import ConnectionLimits
from cognito.wire.http import Answer, exchange
from tests.support.certificates import Authority
from tests.support.clock import ends_within, wait_until
from tests.support.raw_server import Speak, raw_server

OK = b"HTTP/1.1 200 OK\r\n"
SECRET = "hush-hush-secret"  # long enough not to occur by chance


def get(url: str, *, deadline_seconds: float = 5, max_bytes: int = 1000) -> Answer:
    return exchange("GET", url, deadline_seconds=deadline_seconds, max_bytes=max_bytes)


def refusal(url: str, *, deadline_seconds: float = 5) -> str:
    with pytest.raises(TransportError) as refused:
        get(url, deadline_seconds=deadline_seconds)
    return refused.value.reason


def threads_of_exchanges() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "cognito-exchange"]


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 2\r\n\r\nhi",
        OK + b"Connection: close\r\n\r\nhi",
        OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n",
        OK + b"Content-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi",
    ],
)
def test_whole_answer_is_returned(answer: bytes) -> None:
    with raw_server(answer) as server:
        received = get(server.url)
    assert (received.status, received.body) == (200, b"hi")


def test_header_names_ignore_case() -> None:
    with raw_server(OK + b"Retry-After: 7\r\nContent-Length: 0\r\n\r\n") as server:
        assert get(server.url).headers["rEtRy-aFtEr"] == "7"


def test_answer_of_the_maximum_size_is_accepted_and_one_byte_more_is_refused() -> None:
    for size, is_accepted in [(1000, True), (1001, False)]:
        head = OK + f"Content-Length: {size}\r\n\r\n".encode()
        with raw_server(head + b"x" * size) as server:
            if is_accepted:
                assert len(get(server.url).body) == size
            else:
                assert refusal(server.url) == "the answer is too long"


def test_form_is_sent_with_the_clients_credentials_in_the_header() -> None:
    with raw_server(OK + b"Content-Length: 0\r\n\r\n") as server:
        exchange(
            "POST",
            server.url,
            form={"grant_type": "authorization_code", "code": "a b&c"},
            headers={"X-Extra": "yes"},
            basic_auth=("client", "s:cr%t"),
            deadline_seconds=5,
            max_bytes=1000,
        )
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b"grant_type=authorization_code&code=a+b%26c"
    assert b"\r\nContent-Type: application/x-www-form-urlencoded" in head
    # RFC 6749 section 2.3.1 requires form encoding first: base64 of "client:s%3Acr%25t".
    assert b"\r\nAuthorization: Basic Y2xpZW50OnMlM0FjciUyNXQ=" in head
    assert b"\r\nAccept-Encoding: identity" in head
    assert b"\r\nX-Extra: yes" in head


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_returned_and_not_followed(status: int) -> None:
    with raw_server(OK) as elsewhere:
        head = f"HTTP/1.1 {status} Go\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n"
        with raw_server(head.encode()) as server:
            assert get(server.url).status == status
    assert elsewhere.requests == []


def test_body_of_a_redirect_has_the_same_limit() -> None:
    head = b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\n\r\n"
    with raw_server(head + b"x" * 5_000_000) as server:
        assert refusal(server.url) == "the answer is too long"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff\x00\xff\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        OK + b"Content-Length: 20\r\n\r\nhalf",
        OK + b"Transfer-Encoding: chunked\r\n\r\n8\r\nhalf",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhi",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhi",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi",
        OK + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\nhi",
        OK + b"Content-Encoding: identity, gzip\r\nContent-Length: 2\r\n\r\nhi",
        OK + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
        OK + b"".join(b"X-%d: %s\r\n" % (i, b"a" * 5000) for i in range(90)) + b"\r\n",
        OK + b"X: a\r\n" * 1000 + b"\r\n",
    ],
    ids=lambda answer: repr(answer[:70]),
)
def test_malformed_answer_is_refused(answer: bytes) -> None:
    with raw_server(answer) as server:
        assert refusal(server.url)


@pytest.mark.parametrize(
    "announced",
    [f"Content-Length: {10**15}\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\n"],
    ids=["body", "chunk"],
)
def test_memory_for_an_announced_length_is_not_allocated(announced: str) -> None:
    with raw_server(OK + announced.encode() + b"x" * 1000) as server:
        assert refusal(server.url) == "the answer is too long"


def test_reading_stops_soon_after_the_limit() -> None:
    written = 0

    def pour(connection: socket.socket) -> None:
        nonlocal written
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        connection.sendall(OK + b"\r\n")
        for _ in range(1000):
            written += connection.send(b" " * 65_536)

    with raw_server(pour) as server:
        assert refusal(server.url) == "the answer is too long"
    # The client read less: the rest is in the two socket buffers of the system.
    assert written < 10_000_000


def hang(connection: socket.socket) -> None:
    connection.recv(1)


def drip(head: bytes) -> Speak:
    def speak(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(200):
            connection.sendall(b"a")
            time.sleep(0.05)

    return speak


@pytest.mark.slow
@pytest.mark.parametrize(
    "speak",
    [hang, drip(b""), drip(OK + b"X: "), drip(OK + b"Content-Length: 200\r\n\r\n")],
    ids=["hang", "drip a status", "drip a header", "drip a body"],
)
def test_slow_server_raises_after_the_deadline_and_leaves_no_thread(speak: Speak) -> None:
    with raw_server(speak) as server:
        # The server hangs or drips for ten seconds. If nothing arrives, the limit of a single read
        # can end the exchange first.
        with ends_within(6):
            reason = refusal(server.url, deadline_seconds=0.3)
        assert reason in {"no whole answer within 0.3 s", "ReadTimeout"}
        # The server still sends, so the thread ends because its connection was cut.
        wait_until(lambda: not threads_of_exchanges())


@pytest.mark.slow
def test_slow_tls_handshake_raises_after_the_deadline() -> None:
    def speak_no_tls(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            # This is the header of a TLS record of 16 KB. The record follows byte by byte.
            connection.sendall(b"\x16\x03\x03\x40\x00")
            try:
                for _ in range(100):
                    connection.sendall(b"\x02")
                    time.sleep(0.05)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=speak_no_tls, args=(listener,), daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        assert refusal(url, deadline_seconds=0.3) == "no whole answer within 0.3 s"
        wait_until(lambda: not threads_of_exchanges())
        thread.join(5)
    assert not thread.is_alive()


def test_name_look_up_that_hangs_raises_after_the_deadline_and_sends_no_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look_up, looked_up = socket.getaddrinfo, threading.Event()

    def slow(*args: object, **options: object) -> object:
        looked_up.wait(5)
        return look_up(*args, **options)  # type: ignore[arg-type]

    with raw_server(OK + b"Content-Length: 0\r\n\r\n") as server:
        monkeypatch.setattr(socket, "getaddrinfo", slow)
        assert refusal(server.url, deadline_seconds=0.2) == "no whole answer within 0.2 s"
        looked_up.set()
        wait_until(lambda: not threads_of_exchanges())
        assert server.requests == []


def test_closed_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refusal(f"http://127.0.0.1:{port}/") == "ConnectionError"


@pytest.mark.parametrize("url", ["", "no url", "ftp://127.0.0.1/", "http://", "http://[::1/"])
def test_url_that_is_not_http_is_refused(url: str) -> None:
    assert refusal(url)


def test_proxies_netrc_and_ca_bundle_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text(f"default login user password {SECRET}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "absent.pem"))
    with (
        raw_server(OK + b"Content-Length: 0\r\n\r\n") as proxy,
        raw_server(OK + b"Content-Length: 0\r\n\r\n") as server,
    ):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert get(server.url).status == 200
    assert proxy.requests == []
    assert b"uthorization" not in server.requests[0]


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Return a certificate authority that is trusted in place of those of certifi."""
    authority = Authority(tmp_path)
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(authority.bundle))
    return authority


def test_valid_certificate_is_accepted(authority: Authority) -> None:
    with raw_server(OK + b"Content-Length: 2\r\n\r\nhi", authority.server()) as server:
        assert get(server.url).body == b"hi"


def test_certificate_of_another_host_is_refused(authority: Authority) -> None:
    with raw_server(OK + b"\r\n", authority.server(address="127.0.0.2")) as server:
        assert refusal(server.url) == "SSLError"
    assert server.requests == []


def test_expired_certificate_is_refused(authority: Authority) -> None:
    with raw_server(OK + b"\r\n", authority.server(expired=True)) as server:
        assert refusal(server.url) == "SSLError"
    assert server.requests == []


def test_self_signed_certificate_is_refused(authority: Authority) -> None:
    with raw_server(OK + b"\r\n", authority.server(self_signed=True)) as server:
        assert refusal(server.url) == "SSLError"
    assert server.requests == []


def test_certificate_of_an_unknown_authority_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(authority.bundle))
    with raw_server(OK + b"\r\n", authority.server()) as server:
        assert refusal(server.url) == "SSLError"


@pytest.mark.parametrize("speak", [b"", OK + b"Content-Length: 9\r\n\r\nhalf", hang])
def test_secrets_are_not_in_errors_or_logs(
    speak: Speak | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with raw_server(speak) as server, pytest.raises(TransportError) as refused:
        exchange(
            "POST",
            server.url,
            form={"code": SECRET},
            headers={"X-Secret": SECRET},
            basic_auth=("client", SECRET),
            deadline_seconds=0.3,
            max_bytes=1000,
        )
    assert SECRET not in "".join(traceback.format_exception(refused.value))
    assert SECRET not in caplog.text


def test_error_for_an_invalid_header_does_not_quote_it() -> None:
    with pytest.raises(TransportError) as refused:
        exchange(
            "GET",
            "http://127.0.0.1:1/",
            headers={"Authorization": f"Bearer {SECRET}\r\nX: y"},
            deadline_seconds=1,
            max_bytes=1,
        )
    assert refused.value.reason == "not a request: InvalidHeader"
    assert SECRET not in "".join(traceback.format_exception(refused.value))


def test_representation_of_an_answer_has_neither_headers_nor_body() -> None:
    assert repr(Answer(200, {"Set-Cookie": SECRET}, SECRET.encode())) == "Answer(status=200)"


def test_connection_can_be_cut_and_released_repeatedly() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        limits = ConnectionLimits(max_bytes=1)
        limits.hold(ours)
        limits.cut()
        assert theirs.recv(1) == b""
        limits.release()
        limits.release()
        limits.cut()


def test_cut_that_the_system_refuses_does_not_raise() -> None:
    with socket.socket() as never_connected:
        limits = ConnectionLimits(max_bytes=1)
        limits.hold(never_connected)
        limits.cut()
        limits.release()


def test_defect_in_our_code_is_raised_unchanged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("cognito.wire.bounded_adapter.BoundedAdapter.send", broken)
    with pytest.raises(ZeroDivisionError):
        get("http://127.0.0.1:1/")


def test_process_without_a_free_thread_raises_a_transport_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    with pytest.raises(TransportError) as raised:
        exchange("GET", "http://127.0.0.1:9/", deadline_seconds=1, max_bytes=1)
    assert raised.value.reason == "can't start new thread"
