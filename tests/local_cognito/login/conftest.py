"""The local hosted UI without a server, in front of a real MiniStack with the project's pool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from werkzeug.test import Client, TestResponse

from infra.local.demo import DEMO_PASSWORD, OPERATOR, USER, ensure_demo_users
from infra.local.ministack import MiniStack
from infra.local.pool import Pool, provision_pool
from local_cognito.login.application import Application
from local_cognito.login.configuration import Configuration
from local_cognito.login.server import login_of
from local_cognito.login.user_pool.web_endpoints import WebEndpoints

BASE = "http://localhost:4567"
CALLBACK = "http://localhost:3000/callback"
# RetryGracePeriodSeconds of infra/cognito.yaml.
GRACE_SECONDS = 60


@dataclass(frozen=True)
class Browser:
    """A browser with cookies at the hosted UI, and an app that calls it."""

    client: Client
    aws: MiniStack
    pool: Pool

    def asks(self, path: str = "/oauth2/authorize", **changes: str) -> TestResponse:
        return self.client.get(self.url(path, **changes), base_url=BASE)

    def url(self, path: str, **changes: str) -> str:
        """With the public client's request for a code; "" takes a parameter out."""
        parameters = {
            "response_type": "code",
            "client_id": self.pool.app_client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid email",
            "state": "the state",
            "nonce": "the nonce",
            **changes,
        }
        kept = {name: value for name, value in parameters.items() if value}
        return f"{path}?{urlencode(kept)}"

    def signs_in(
        self, email: str = USER.email, password: str = DEMO_PASSWORD, **changes: str
    ) -> TestResponse:
        form = {"username": email, "password": password}
        return self.client.post(self.url("/login", **changes), data=form, base_url=BASE)

    def code(self, **changes: str) -> str:
        return answer_in(self.signs_in(OPERATOR.email, **changes))["code"]

    def posts(
        self, path: str, headers: dict[str, str] | None = None, /, **form: str
    ) -> TestResponse:
        return self.client.post(path, data=form, headers=headers, base_url=BASE)

    def exchanges(self, **form: str) -> TestResponse:
        """Send a form to the token endpoint, as the public client."""
        return self.posts("/oauth2/token", **{"client_id": self.pool.app_client_id, **form})

    def tokens(self) -> dict[str, Any]:
        """Return tokens of the operator, issued to the public client."""
        answer = self.exchanges(
            grant_type="authorization_code", code=self.code(), redirect_uri=CALLBACK
        )
        assert answer.status_code == 200, answer.text
        return json_of(answer)

    def later(self, seconds: int) -> None:
        """Let the local AWS see a later time, until the test ends."""
        set_clock(self.aws, seconds)

    def refreshes(self, refresh_token: str) -> TestResponse:
        return self.exchanges(grant_type="refresh_token", refresh_token=refresh_token)


def json_of(response: TestResponse) -> dict[str, Any]:
    body: Any = response.json
    assert isinstance(body, dict), response.text
    return body


def answer_in(response: TestResponse) -> dict[str, str]:
    """Return the parameters of a redirect to the app."""
    assert response.status_code == 302, response.text
    assert response.location.startswith(f"{CALLBACK}?"), response.location
    query = parse_qs(urlsplit(response.location).query, strict_parsing=True)
    assert all(len(values) == 1 for values in query.values())
    return {name: values[0] for name, values in query.items()}


@pytest.fixture(scope="module")
def pool(shared_ministack: MiniStack) -> Pool:
    shared_ministack.reset()
    pool = provision_pool(shared_ministack, public_url="http://localhost:8000", login_url=BASE)
    ensure_demo_users(shared_ministack, pool)
    return pool


def set_clock(ministack: MiniStack, seconds: int) -> None:
    WebEndpoints(ministack.endpoint_url).call(
        "LocalSetClock", {"Offset": seconds}, region="eu-west-1"
    )


@pytest.fixture
def browser(shared_ministack: MiniStack, pool: Pool) -> Iterator[Browser]:
    yield browser_at(shared_ministack, pool)
    set_clock(shared_ministack, 0)


def browser_at(ministack: MiniStack, pool: Pool) -> Browser:
    login = login_of(
        Configuration(
            port=4567,
            aws_endpoint_url=ministack.endpoint_url,
            user_pool_id=pool.user_pool_id,
        ),
    )
    return Browser(Client(Application(login)), ministack, pool)
