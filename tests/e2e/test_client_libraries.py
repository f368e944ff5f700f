"""Third-party OAuth and OpenID Connect clients sign in at the local hosted UI."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from authlib.integrations.requests_client import (  # type: ignore[import-untyped] # no types
    OAuth2Session,
)
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped] # it ships no types
from joserfc import jwt
from joserfc.jwk import KeySet
from playwright.sync_api import Page, expect

from infra.local.demo import OPERATOR
from infra.setup import node
from tests.e2e.conftest import Site
from tests.e2e.other_app import serving
from tests.support.application import Stack
from tests.support.browser import sign_in

pytestmark = [pytest.mark.ministack, pytest.mark.e2e]

NODE_SECONDS = 60


def sign_in_for_callback(page: Page, authorization_url: str, redirect_uri: str) -> str:
    """Sign in as the operator, and return the callback address."""
    with page.expect_request(lambda request: request.url.startswith(redirect_uri)) as came_back:
        page.goto(authorization_url)
        sign_in(page, OPERATOR.email)
    return came_back.value.url


def silent_answer(page: Page, stack: Stack) -> str:
    """Return the query of the callback for prompt=none: a code, or `login_required`."""
    redirect_uri = f"{stack.public_url}/accounts/callback/"
    parameters = {
        "response_type": "code",
        "client_id": stack.pool.web_client_id,
        "redirect_uri": redirect_uri,
        "prompt": "none",
    }
    answer = page.context.request.get(
        f"{stack.login_url}/oauth2/authorize?{urlencode(parameters)}", max_redirects=0
    )
    return answer.headers["location"].removeprefix(redirect_uri)


# The library requires that a refresh keeps auth_time.
SIGN_IN_AND_REFRESH = """async () => {
    const user = await manager.signinCallback();
    await new Promise(resolve => setTimeout(resolve, 1010));
    return [user, await manager.signinSilent()];
}"""


def test_oidc_client_ts_signs_in_refreshes_and_signs_out_in_a_page(
    page: Page, stack: Stack
) -> None:
    settings = {
        "authority": stack.pool.issuer,
        "client_id": stack.pool.app_client_id,
        "redirect_uri": f"{stack.app_url}/callback",
        "scope": "openid email profile",
        "loadUserInfo": True,
    }
    begin = "settings => { window.manager = new oidc.UserManager(settings); }"
    with serving(stack.app_url):
        page.goto(stack.app_url)
        page.evaluate(begin, settings)
        page.evaluate("() => { manager.signinRedirect(); }")
        sign_in(page, OPERATOR.email)
        page.wait_for_url(f"{stack.app_url}/callback?*")
        page.evaluate(begin, settings)
        user, renewed = page.evaluate(SIGN_IN_AND_REFRESH)
        assert user["profile"]["email"] == OPERATOR.email
        assert user["profile"]["name"] == OPERATOR.name
        assert user["profile"]["cognito:groups"] == ["operators"]

        assert renewed["access_token"] != user["access_token"]
        assert renewed["refresh_token"] != user["refresh_token"]
        assert renewed["profile"]["cognito:groups"] == ["operators"]

        # Single-page apps without a refresh token use prompt=none in a hidden frame.
        framed = page.evaluate("() => manager.signinSilent({forceIframeAuth: true})")
        assert framed["profile"]["sub"] == user["profile"]["sub"]
        assert framed["refresh_token"] not in {user["refresh_token"], renewed["refresh_token"]}

        page.evaluate(
            "parameters => { manager.signoutRedirect({extraQueryParams: parameters}); }",
            {"client_id": stack.pool.app_client_id, "logout_uri": f"{stack.app_url}/"},
        )
        page.wait_for_url(f"{stack.app_url}/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Another app")
        assert silent_answer(page, stack) == "?error=login_required"


class NodeClient:
    """A running script of tests/support/node/."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def tell(self, **value: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "The script has ended. Its errors are above."
        heard: dict[str, Any] = json.loads(line)
        return heard


@contextmanager
def running_node_client(script: str) -> Iterator[NodeClient]:
    process = subprocess.Popen(
        # Passed as text, because a script in a file looks for packages next to that file.
        ["node", "--input-type=module", "--eval", (node.PROJECT / script).read_text()],
        cwd=node.directory(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    # A deadline for reads: after the process is killed, they return the end of the file.
    timer = threading.Timer(NODE_SECONDS, process.kill)
    timer.start()
    try:
        yield NodeClient(process)
        process.wait(NODE_SECONDS)
    finally:
        timer.cancel()
        process.kill()
        process.communicate()


@pytest.mark.usefixtures("node_modules")
def test_openid_client_signs_in_refreshes_revokes_and_signs_out(page: Page, stack: Stack) -> None:
    redirect_uri = f"{stack.public_url}/accounts/callback/"
    with running_node_client("openid_client.mjs") as client:
        client.tell(
            issuer=stack.pool.issuer,
            clientId=stack.pool.web_client_id,
            clientSecret=stack.pool.web_client_secret,
            redirectUri=redirect_uri,
            logoutUri=f"{stack.public_url}/accounts/logged-out/",
        )
        url = client.hear()["authorizationUrl"]
        client.tell(callbackUrl=sign_in_for_callback(page, url, redirect_uri))
        outcome = client.hear()
    end_session_url = outcome.pop("endSessionUrl")
    assert outcome.pop("sub")
    assert outcome == {
        "email": OPERATOR.email,
        "groups": ["operators"],
        "refreshTokens": 3,
        "afterRevocation": "invalid_grant",
    }
    assert silent_answer(page, stack).startswith("?code=")
    left = page.context.request.get(end_session_url, max_redirects=0)
    assert left.headers["location"] == f"{stack.public_url}/accounts/logged-out/"
    assert silent_answer(page, stack) == "?error=login_required"


# begin capability notes
@pytest.mark.usefixtures("node_modules")
def test_oauth4webapi_finds_everything_by_the_url_of_an_endpoint(page: Page, site: Site) -> None:
    pool, redirect_uri = site.stack.pool, f"{site.stack.app_url}/callback"
    with serving(site.stack.app_url), running_node_client("discovery.mjs") as client:
        client.tell(
            url=site.url("/api/v1/notes"), clientId=pool.app_client_id, redirectUri=redirect_uri
        )
        found = client.hear()
        url = found["authorizationUrl"]
        client.tell(callbackUrl=sign_in_for_callback(page, url, redirect_uri))
        outcome = client.hear()
    assert found["metadataUrl"] == site.url("/.well-known/oauth-protected-resource/api")
    assert found["metadata"]["authorization_servers"] == [pool.issuer]
    assert found["isSameByResource"]
    assert found["tokenEndpoint"] == f"{site.stack.login_url}/oauth2/token"
    # The client is not first-party, so its token has the scope that the endpoint needs.
    assert outcome == {"status": 200, "answer": {"results": [], "next_cursor": None}}


# end capability notes


def test_authlib_signs_in_refreshes_and_signs_out(page: Page, stack: Stack) -> None:
    redirect_uri = f"{stack.public_url}/accounts/callback/"
    discovery_url = f"{stack.pool.issuer}/.well-known/openid-configuration"
    server = requests.get(discovery_url, timeout=10).json()
    with OAuth2Session(
        client_id=stack.pool.web_client_id,
        client_secret=stack.pool.web_client_secret,
        scope="openid email profile",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post",
    ) as session:
        verifier, nonce = "v" * 64, "a-nonce-of-this-sign-in"
        url, state = session.create_authorization_url(
            server["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        callback = sign_in_for_callback(page, url, redirect_uri)
        token = session.fetch_token(
            server["token_endpoint"],
            authorization_response=callback,
            state=state,
            code_verifier=verifier,
        )
        keys = KeySet.import_key_set(requests.get(server["jwks_uri"], timeout=10).json())
        unverified = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
        claims = CodeIDToken(
            unverified.claims,
            unverified.header,
            options={
                "iss": {"values": [stack.pool.issuer]},
                "aud": {"values": [stack.pool.web_client_id]},
            },
            params={"nonce": nonce, "client_id": stack.pool.web_client_id},
        )
        claims.validate()
        assert claims["email"] == OPERATOR.email
        assert session.get(server["userinfo_endpoint"]).json()["sub"] == claims["sub"]

        renewed = session.refresh_token(server["token_endpoint"])
        assert renewed["refresh_token"] != token["refresh_token"]
        again = jwt.decode(renewed["id_token"], keys, algorithms=["RS256"]).claims
        assert again["sub"] == claims["sub"]
        assert again["cognito:groups"] == ["operators"]

        left = page.context.request.get(
            f"{server['end_session_endpoint']}?"
            + urlencode(
                {
                    "client_id": stack.pool.web_client_id,
                    "logout_uri": f"{stack.public_url}/accounts/logged-out/",
                }
            ),
            max_redirects=0,
        )
        assert left.headers["location"] == f"{stack.public_url}/accounts/logged-out/"
        assert silent_answer(page, stack) == "?error=login_required"
