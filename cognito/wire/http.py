"""One HTTP exchange with Cognito, with a limit on its time and on its size."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from cognito import deadlines
from cognito.errors import NoTimeLeft, TransportError

if TYPE_CHECKING:
    from requests import PreparedRequest

# Room for the status line, the headers and the framing of chunks, on top of the body.
_HEADER_BYTES = 65_536


@dataclass(frozen=True)
class Answer:
    """An HTTP response. `headers` is case-insensitive, `body` unchanged; both may hold secrets."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def exchange(
    method: str,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    basic_auth: tuple[str, str] | None = None,
    deadline_seconds: float,
    max_bytes: int,
) -> Answer:
    """Send one request and read its whole answer.

    Certificates are always verified against certifi's bundle. Redirects are returned, not followed:
    a followed one would send the code and the client secret to another server (RFC 9700 section
    4.12). No proxy, netrc or CA bundle is taken from the environment. A body with a content coding
    is refused: the request asks for none, and a small body can unpack to gigabytes.

    Args:
        form: sent as ``application/x-www-form-urlencoded``.
        content: sent unchanged, instead of `form`.
        basic_auth: client id and client secret, encoded as RFC 6749 section 2.3.1 says.
        deadline_seconds: wall-clock limit of the name look-up, connection, TLS, headers and body
            together. The deadline of the running request shortens it.
        max_bytes: limit of the body.

    Raises:
        TransportError: `reason` says what happened and holds nothing of the request.
        NoTimeLeft: earlier waits have used up the request's time. Nothing was sent.
    """
    seconds = deadlines.call_seconds(deadline_seconds)
    if not seconds:
        raise NoTimeLeft
    sent = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "gatehouse"}
    sent.update(headers or {})
    if basic_auth is not None:
        credentials = ":".join(quote_plus(part) for part in basic_auth)
        sent["Authorization"] = f"Basic {b64encode(credentials.encode()).decode()}"
    request = _prepare(method, url, form if content is None else content, sent)
    return _Exchange(request, seconds, max_bytes).run()


def _prepare(
    method: str, url: str, data: Mapping[str, str] | bytes | None, headers: Mapping[str, str]
) -> PreparedRequest:
    # Imported when first needed: a process that has its keys starts sooner without it.
    import requests  # noqa: PLC0415

    try:
        return requests.Request(method, url, headers=headers, data=data).prepare()
    except (requests.RequestException, ValueError) as e:
        # No `from e`: the text of the cause may quote a header.
        raise TransportError(reason=f"not a request: {type(e).__name__}") from None


class _Exchange:
    """One exchange, run in its own thread because a name look-up cannot be interrupted."""

    def __init__(self, request: PreparedRequest, deadline_seconds: float, max_bytes: int) -> None:
        # Imported late for the reason given in `_prepare`.
        from cognito.wire.bounded_adapter import BoundedAdapter, ConnectionLimits  # noqa: PLC0415

        self._request = request
        self._deadline_seconds = deadline_seconds
        self._max_bytes = max_bytes
        self._limits = ConnectionLimits(max_bytes=max_bytes + _HEADER_BYTES)
        self._adapter = BoundedAdapter(self._limits)

    def run(self) -> Answer:
        try:
            return deadlines.run_within(self._deadline_seconds, self._work, name="cognito-exchange")
        except deadlines.OutOfTime:
            self._limits.cut()
            raise TransportError(
                reason=f"no whole answer within {self._deadline_seconds:.1f} s"
            ) from None
        except deadlines.OutOfThreads as e:
            raise TransportError(reason=str(e)) from e

    def _work(self) -> Answer:
        try:
            return self._send()
        finally:
            self._limits.release()

    def _send(self) -> Answer:
        # Imported late for the reason given in `_prepare`.
        from requests import RequestException  # noqa: PLC0415
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        try:
            response = self._adapter.send(
                self._request,
                stream=True,
                timeout=self._deadline_seconds,
                verify=True,
                cert=None,
                proxies={},
            )
            try:
                coding = response.headers.get("Content-Encoding", "identity")
                if coding.strip().lower() != "identity":
                    raise TransportError(reason="the answer is in a content coding")
                body: bytes = response.raw.read(decode_content=False)
            finally:
                response.close()
                self._adapter.close()
        # http.client lets a ValueError through on some malformed answers.
        except (RequestException, HTTPError, OSError, ValueError) as e:
            raise TransportError(reason=type(e).__name__) from e
        if len(body) > self._max_bytes:
            raise TransportError(reason="the answer is too long")
        return Answer(response.status_code, response.headers, body)
