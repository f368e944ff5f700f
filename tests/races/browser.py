"""HTTP clients that send requests at the same time."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import requests

from tests.races.conftest import Deployment

T = TypeVar("T")


class HTTPBrowser(requests.Session):
    """A client with cookies for an application in another process. It does not follow redirects."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__()
        self.trust_env = False
        self.deployment = deployment

    def page(self, path: str) -> requests.Response:
        return self.get(self.deployment.public_url + path, allow_redirects=False, timeout=20)

    def post_form(self, path: str, token: str) -> requests.Response:
        return self.post(
            self.deployment.public_url + path,
            data={"csrfmiddlewaretoken": token},
            allow_redirects=False,
            timeout=20,
        )

    def callback_address(self, login: str = "/accounts/login/") -> str:
        """Sign in at the hosted UI, and return the path that it redirects to."""
        start = self.page(login)
        back = self.get(start.headers["Location"], allow_redirects=False, timeout=20)
        return back.headers["Location"].removeprefix(self.deployment.public_url)

    def signed_in(self) -> HTTPBrowser:
        assert self.page(self.callback_address()).status_code == 302
        return self

    def csrf_token(self) -> str:
        found = re.search(
            r'name="csrfmiddlewaretoken" value="(\w+)"', self.page("/accounts/profile/").text
        )
        assert found is not None
        return found[1]


def at_once(actions: Iterable[Callable[[], T]]) -> list[T]:
    """Run the actions in threads that start together, and return their results in order."""
    actions = list(actions)
    barrier = threading.Barrier(len(actions))

    def run(action: Callable[[], T]) -> T:
        barrier.wait(timeout=20)
        return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))
