"""A browser without rendering: it keeps cookies and follows redirects."""

from __future__ import annotations

import json
import time
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from accounts.sessions.store import SessionStore
from accounts.sign_in.views import begin_session
from cognito.hosted_ui.endpoints import UnverifiedTokens
from cognito.hosted_ui.verified_sign_in import verify_sign_in
from cognito.tokens.key_source import KeySource
from cognito.tokens.verifier import SKIP, TokenVerifier, TrustedIssuer
from tests.support.provider import hosted_ui
from tests.support.provider.people import Person
from tests.support.provider.provider import Provider

LOGIN = "/accounts/login/"
CONFIRM = "/accounts/confirm/"
CALLBACK = "/accounts/callback/"
PROFILE = "/accounts/profile/"


class Browser(Client):
    """Django's test client that deletes expired cookies, and records all responses."""

    def __init__(
        self, provider: Provider, *, scheme: str = "http", prefix: str = "", **defaults: Any
    ) -> None:
        """Create a browser. `prefix` is the part of the path that the gateway removes."""
        super().__init__(raise_request_exception=False, **defaults)
        self.provider = provider
        self.scheme = scheme
        self.prefix = prefix
        self.answers: list[HttpResponse] = []

    def request(self, **request: Any) -> Any:
        response = super().request(**request | {"wsgi.url_scheme": self.scheme})
        for name in [name for name, morsel in self.cookies.items() if morsel["max-age"] == 0]:
            del self.cookies[name]
        self.answers.append(response)  # type: ignore[arg-type] # the type stubs name a private class
        return response

    @property
    def cookie_header(self) -> str:
        """Return the `Cookie` header of the next request."""
        return "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())

    def is_signed_in(self) -> bool:
        """Return whether the application shows a page for signed-in users."""
        return bool(self.get(PROFILE).status_code == 200)

    def status_of(self, path: str) -> int:
        """Return the status of a page after at most two redirects of the site."""
        for _ in range(3):
            response = self.get(path)
            if response.status_code != 302 or not response["Location"].startswith("/"):
                return int(response.status_code)
            path = response["Location"]
        raise AssertionError(f"too many redirects, the last one to {path}")

    def begin(self, next_path: str = "") -> str:
        """Begin a sign-in, and return the address of the hosted UI."""
        response = self.get(LOGIN, {"next": next_path} if next_path else {})
        assert response.status_code == 302, response.content
        return str(response["Location"])

    def visit_hosted_ui(self, address: str) -> str:
        """Open an address of the hosted UI, and return the callback address.

        The provider runs in this process, so this call needs no connection.
        """
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == self.provider.url
        query = parse_qsl(parts.query, keep_blank_values=True)
        reply = self.provider("GET", parts.path, query, Message(), b"")
        assert not reply.wire_fault
        assert reply.answer.status == 302, reply.answer.body
        return reply.answer.headers["Location"]

    def come_back(self, callback_address: str, **extra: Any) -> HttpResponse:
        """Open the callback address, and return the response."""
        parts = urlsplit(callback_address)
        assert parts.path.startswith(self.prefix)
        path = f"{parts.path.removeprefix(self.prefix)}?{parts.query}"
        response: HttpResponse = self.get(path, **extra)  # type: ignore[assignment] # as above
        return response

    def sign_in(self, person: Person | None = None, next_path: str = "") -> HttpResponse:
        """Sign in, and return the response of the callback, which may be an error."""
        if person is not None:
            self.provider.person = person
        return self.come_back(self.visit_hosted_ui(self.begin(next_path)))

    def begin_confirmation(self, next_path: str = PROFILE, **more: str) -> str:
        """Begin to confirm the session, and return the address of the hosted UI."""
        response = self.get(CONFIRM, {"next": next_path, **more})
        assert response.status_code == 302, response.content
        return str(response["Location"])

    def confirm(self, next_path: str = PROFILE, **more: str) -> HttpResponse:
        """Confirm the session by a new sign-in. Return the response of the callback."""
        return self.come_back(self.visit_hosted_ui(self.begin_confirmation(next_path, **more)))

    def signed_in(self, person: Person | None = None) -> Browser:
        """Begin a session, and return this browser. Another user may be signed in before.

        No request is sent, which takes a third of the time of `sign_in`: the function that begins
        the session after a sign-in gets the tokens from the provider.
        """
        if self.provider.misbehaves("authorize", "token", "jwks"):
            return self.signed_in_at_hosted_ui(person)
        if person is not None:
            self.provider.person = person
        tokens = hosted_ui.tokens_without_code(self.provider.pool, self.provider.person)
        sign_in = verify_sign_in(
            self._verifier(),
            UnverifiedTokens(tokens["access_token"], tokens["id_token"], tokens["refresh_token"]),
            client_id=self.provider.pool.client.client_id,
            nonce=SKIP,
        )
        environ = self._base_environ(  # type: ignore[attr-defined] # Django does not document it
            **{"PATH_INFO": CALLBACK, "wsgi.url_scheme": self.scheme}
        )
        request = WSGIRequest(environ)
        name = settings.SESSION_COOKIE_NAME
        request.session = SessionStore(request.COOKIES.get(name))
        with transaction.atomic():
            begin_session(request, sign_in, refresh_token=tokens["refresh_token"])
            request.session.save()
        self.cookies[name] = str(request.session.session_key)
        return self

    def signed_in_at_hosted_ui(self, person: Person | None = None) -> Browser:
        """Do the same with all requests of a sign-in, which the provider and counters record."""
        response = self.sign_in(person, next_path=PROFILE)
        assert response.status_code == 302, response.content
        return self

    def _verifier(self) -> TokenVerifier:
        pool = self.provider.pool
        keys = json.dumps({"keys": [key.jwk() for key in pool.published_keys()]})
        trusted = TrustedIssuer(
            issuer=pool.issuer,
            client_ids=frozenset({pool.client.client_id}),
            keys=KeySource(self.provider.jwks_url, initial=keys),
        )
        return TokenVerifier([trusted], clock=time.time)


def parameters(address: str) -> dict[str, str]:
    """Return the query parameters of an address. Repeated parameters are an error."""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    assert len(pairs) == len(dict(pairs))
    return dict(pairs)
