"""A Gatehouse for third-party clients: browsers, generators, curl."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests

from tests.e2e.conftest import DEPLOYED
from tests.support.application import Stack, running_application
from tests.support.browser import chromium, context, look, page

__all__ = ["chromium", "context", "look", "page"]


@dataclass(frozen=True)
class ApiSite:
    """A running application whose API the pool's public client may call from another origin."""

    stack: Stack
    machine_client_secret: str = field(repr=False)

    def url(self, path: str) -> str:
        return self.stack.public_url + path

    def machine_token(self, scope: str) -> str:
        """Return a token from the client credentials grant (RFC 6749, section 4.4)."""
        answer = requests.post(
            f"{self.stack.login_url}/oauth2/token",
            data={"grant_type": "client_credentials", "scope": scope},
            auth=(self.stack.pool.machine_client_id, self.machine_client_secret),
            timeout=10,
        )
        assert answer.status_code == 200, answer.status_code
        token: str = answer.json()["access_token"]
        return token


@pytest.fixture(scope="package")
def api_site(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiSite]:
    """Run the application as it is deployed: without DEBUG, with compressed static files."""
    client = stack.aws.cognito().describe_user_pool_client(
        UserPoolId=stack.pool.user_pool_id, ClientId=stack.pool.machine_client_id
    )["UserPoolClient"]
    with running_application(stack, tmp_path_factory.mktemp("clients"), **DEPLOYED):
        yield ApiSite(stack, client["ClientSecret"])
