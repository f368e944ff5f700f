"""One HTTP exchange with Cognito, within limits of time and size that always hold."""

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
    """An HTTP answer. `headers` is case-insensitive, `body` as it came; both may hold secrets."""

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

    `deadline_seconds` of wall-clock time bound everything: name look-up, connection, TLS, headers
    and body; less if the request that this is for has less time left. `max_bytes` bound the body.
    Certificates are always verified, against certifi's bundle. Redirects are answers like any other
    (RFC 9700 section 4.12: a followed one would carry code and secret elsewhere). No proxy, netrc
    or CA bundle is taken from the environment. A body in a content coding is refused: we ask for
    none, and a small one can unpack to gigabytes.

    `form` is sent as ``application/x-www-form-urlencoded``, `content` as it is; `basic_auth` is a
    client id and its secret, encoded as RFC 6749 section 2.3.1 says.

    Raises TransportError, whose `reason` says what happened and holds nothing of the request;
    NoTimeLeft, before anything is sent, if earlier waits have used up the request's time.
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
    # Imported when first needed: a process that knows its keys never needs it, and starts sooner.
    import requests  # noqa: PLC0415

    try:
        return requests.Request(method, url, headers=headers, data=data).prepare()
    except (requests.RequestException, ValueError) as e:
        # Without its cause, whose text may quote a header.
        raise TransportError(reason=f"not a request: {type(e).__name__}") from None


class _Exchange:
    """Runs the exchange in a thread of its own, because a name look-up cannot be interrupted."""

    def __init__(self, request: PreparedRequest, deadline_seconds: float, max_bytes: int) -> None:
        # Imported late for the reason above.
        from cognito.wire.bounded_adapter import Leash, LeashedAdapter  # noqa: PLC0415

        self._request = request
        self._deadline_seconds = deadline_seconds
        self._max_bytes = max_bytes
        self._leash = Leash(max_bytes=max_bytes + _HEADER_BYTES)
        self._adapter = LeashedAdapter(self._leash)

    def run(self) -> Answer:
        try:
            return deadlines.run_within(self._deadline_seconds, self._work, name="cognito-exchange")
        except deadlines.OutOfTime:
            self._leash.cut()
            raise TransportError(
                reason=f"no whole answer within {self._deadline_seconds:.1f} s"
            ) from None
        except deadlines.OutOfThreads as e:
            raise TransportError(reason=str(e)) from e

    def _work(self) -> Answer:
        try:
            return self._send()
        finally:
            self._leash.release()

    def _send(self) -> Answer:
        # Imported late for the reason above.
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
