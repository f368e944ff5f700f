"""Browser sessions that send a request every second, and notice when they are signed out."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

# What a page of this site asks to keep its session, and to notice that it has ended.
_SESSION = "/api/v1/session"
_FROM_A_PAGE = {"Sec-Fetch-Site": "same-origin"}
_TIMEOUT = 30


@dataclass
class Session:
    """One browser with its cookies. Two of its tabs may send requests at the same time.

    Attributes:
        renewals: requests that renewed the session.
        signed_out: the answer that showed that the session had ended, if one did.
    """

    public_url: str
    cookies: dict[str, str] = field(default_factory=dict)
    renewals: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    signed_out: str = ""

    def sign_in(self, port: int, email: str, password: str) -> None:
        _, _, location = self.send(port, "/accounts/login/")
        login = urlsplit(location)
        form = urlencode({"username": email, "password": password})
        page = f"/login?{login.query}"
        status, _, location = _exchange(login.port or 80, "POST", page, login.netloc, form=form)[:3]
        callback = urlsplit(location)
        if status != http.HTTPStatus.FOUND or callback.path != "/accounts/callback/":
            raise RuntimeError(f"the hosted UI answered {status}")
        status, _, _ = self.send(port, f"{callback.path}?{callback.query}")
        if status != http.HTTPStatus.FOUND:
            raise RuntimeError(f"the callback answered {status}")

    def visit(self, port: int) -> None:
        """Ask for the session, which renews it, and note the result."""
        try:
            status, body, _ = self.send(port, _SESSION)
        except (OSError, http.client.HTTPException) as error:
            self.failures[type(error).__name__] += 1
            return
        if status == http.HTTPStatus.OK and json.loads(body)["signed_in"]:
            self.renewals += 1
        elif status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            self.failures[str(status)] += 1
        else:
            self.signed_out = f"{status} {body.decode(errors='replace')}"

    def send(self, port: int, path: str) -> tuple[int, bytes, str]:
        host = urlsplit(self.public_url).netloc
        # As a browser does, each request sends the cookies of the moment.
        cookies = "; ".join(f"{name}={value}" for name, value in list(self.cookies.items()))
        status, body, location, received = _exchange(port, "GET", path, host, cookies=cookies)
        for line in received:
            for name, morsel in SimpleCookie(line).items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)
        return status, body, location


def _exchange(
    port: int, method: str, path: str, host: str, *, form: str | None = None, cookies: str = ""
) -> tuple[int, bytes, str, list[str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    headers = {"Host": host}
    if path == _SESSION:
        headers |= _FROM_A_PAGE
    if cookies:
        headers["Cookie"] = cookies
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request(method, path, form, headers)
        answer = connection.getresponse()
        received = answer.headers.get_all("Set-Cookie") or []
        return answer.status, answer.read(), answer.headers.get("Location", ""), received
    finally:
        connection.close()


class Crowd:
    """Sessions whose two tabs each send a request every second, or as often as the machine can."""

    def __init__(self, sessions: list[Session], port: Callable[[], int], *, threads: int) -> None:
        self.sessions = sessions
        self._port = port
        self._stop = threading.Event()
        self._turn = threading.Lock()
        tabs = [session for session in sessions for _ in range(2)]
        self._due = [(0.0, session) for session in tabs]
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for_all(self) -> None:
        """Wait until each session has been renewed by a request that began later than now.

        The two tabs may have begun two of the next three renewals earlier.
        """
        before = [session.renewals for session in self.sessions]
        deadline = time.monotonic() + 1200
        while any(
            session.renewals < count + 3 and not session.signed_out
            for session, count in zip(self.sessions, before, strict=True)
        ):
            if time.monotonic() > deadline:
                raise RuntimeError("a session sends no requests any more")
            time.sleep(0.1)

    def _work(self) -> None:
        while not self._stop.is_set():
            with self._turn:
                due, session = self._due.pop(0) if self._due else (0.0, None)
            if session is None:
                time.sleep(0.05)
                continue
            time.sleep(max(0.0, due - time.monotonic()))
            started = time.monotonic()
            if not session.signed_out:
                session.visit(self._port())
            with self._turn:
                self._due.append((started + 1, session))
