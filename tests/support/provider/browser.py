"""A browser, as far as cookies and redirects go, in front of the application and the provider."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.http import HttpResponse
from django.test import Client

from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

LOGIN = "/accounts/login/"
CALLBACK = "/accounts/callback/"
PROFILE = "/accounts/profile/"


class Browser(Client):
    """Django's test client, but that it forgets cookies when it is told to, and keeps answers."""

    def __init__(
        self, provider: Provider, *, scheme: str = "http", prefix: str = "", **defaults: Any
    ) -> None:
        """`prefix` is what the gateway in front of the application strips from the path."""
        super().__init__(raise_request_exception=False, **defaults)
        self.provider = provider
        self.scheme = scheme
        self.prefix = prefix
        self.answers: list[HttpResponse] = []

    def request(self, **request: Any) -> Any:
        response = super().request(**request | {"wsgi.url_scheme": self.scheme})
        for name in [name for name, morsel in self.cookies.items() if morsel["max-age"] == 0]:
            del self.cookies[name]
        self.answers.append(response)  # type: ignore[arg-type] # the stub's own class
        return response

    @property
    def cookie_header(self) -> str:
        """What it sends with the next request."""
        return "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())

    def is_signed_in(self) -> bool:
        """Whether the application shows it a page that is for people who are."""
        return bool(self.get(PROFILE).status_code == 200)

    def status_of(self, path: str) -> int:
        """The status of a page after the site's own redirects, which end after two."""
        for _ in range(3):
            response = self.get(path)
            if response.status_code != 302 or not response["Location"].startswith("/"):
                return int(response.status_code)
            path = response["Location"]
        raise AssertionError(f"it goes on and on, now to {path}")

    def begin(self, next_path: str = "") -> str:
        """Starts a sign-in; gives the address at the hosted UI that it is sent to."""
        response = self.get(LOGIN, {"next": next_path} if next_path else {})
        assert response.status_code == 302, response.content
        return str(response["Location"])

    def visit_hosted_ui(self, address: str) -> str:
        """What the hosted UI sends it back to. Follows no redirect."""
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(str(parts.netloc), timeout=5)
        try:
            connection.request("GET", f"{parts.path}?{parts.query}")
            answer = connection.getresponse()
            location = answer.headers.get("Location")
            assert answer.status == 302, answer.read()
            assert location is not None
            return location
        finally:
            connection.close()

    def come_back(self, callback_address: str, **extra: Any) -> HttpResponse:
        """Opens the callback with what the hosted UI gave along."""
        parts = urlsplit(callback_address)
        assert parts.path.startswith(self.prefix)
        path = f"{parts.path.removeprefix(self.prefix)}?{parts.query}"
        response: HttpResponse = self.get(path, **extra)  # type: ignore[assignment] # the stub's own
        return response

    def sign_in(self, person: Person | None = None, next_path: str = "") -> HttpResponse:
        """A whole sign-in, whatever comes of it: the callback's answer."""
        if person is not None:
            self.provider.person = person
        return self.come_back(self.visit_hosted_ui(self.begin(next_path)))

    def signed_in(self, person: Person | None = None) -> Browser:
        """This browser, after a sign-in that has to succeed, whoever was signed in before."""
        response = self.sign_in(person, next_path=PROFILE)
        assert response.status_code == 302, response.content
        return self


def parameters(address: str) -> dict[str, str]:
    """The query of an address. None may be there twice."""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    assert len(pairs) == len(dict(pairs))
    return dict(pairs)
