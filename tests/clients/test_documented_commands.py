"""Every command in the API documentation does what its page says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from infra.local.demo import DEMO_PASSWORD
from infra.local.pool import application_environment
from infra.local.ports import free_port
from infra.users import ensure_user
from tests.clients.commands import ROOT, Outcome, blocks_of, run
from tests.clients.conftest import ApiSite
from tests.support.application import Stack, running_application

pytestmark = pytest.mark.ministack

ID_TOKENS = "## With ID tokens"


def page(name: str) -> str:
    return ROOT.joinpath("docs", name).read_text("utf-8")


def environment(stack: Stack) -> dict[str, str]:
    """Return the variables that `python -m infra local env` prints."""
    return application_environment(
        stack.aws,
        stack.pool,
        public_url=stack.public_url,
        login_url=stack.login_url,
        database_url="sqlite://",
    )


def tutorial(
    stack: Stack, blocks: list[str], changes: Mapping[str, str] = MappingProxyType({})
) -> Outcome:
    return run(
        blocks,
        environment(stack),
        {
            'eval "$(.venvs/app/bin/python -m infra local env)"\n': "",
            "http://localhost:8000": stack.public_url,
            **changes,
        },
    )


def test_commands_of_the_tutorials_page_work(api_site: ApiSite) -> None:
    flows, _, _ = page("from-the-tutorials.md").partition(ID_TOKENS)
    # The page waits for the documented 10 s. A process reads the revocations every 5 s.
    outcome = tutorial(api_site.stack, blocks_of(flows), {"sleep 10": "sleep 6"})
    assert outcome.statuses == [
        *(202, 200, 204, 400),  # sign up, read the mailbox, confirm; without a password
        200,  # sign in
        *(200, 401, 401, 401, 401),  # access token; none, malformed, ID token, expired
        # begin capability notes
        *(201, 200),  # with a scope
        # end capability notes
        *(200, 200),  # refresh
        *(204, 401, 401),  # sign out
        *(200, 200, 200),  # new password at the first sign-in
        *(202, 200, 204),  # forgotten password
        302,  # hosted UI
    ]
    assert "access_token id_token refresh_token token_type expires_in" in outcome.output
    for code in (
        "validation_failed",
        "not_authenticated",
        "malformed_token",
        "wrong_token_use",
        "token_expired",
        "invalid_refresh_token",
        "token_revoked",
    ):
        assert f'"code": "{code}"' in outcome.output
    assert f"{api_site.stack.login_url}/oauth2/authorize?response_type=code" in outcome.output


@pytest.fixture
def site_with_id_tokens(stack: Stack, tmp_path: Path) -> Iterator[Stack]:
    """Another Gatehouse in front of the same pool."""
    other = replace(stack, port=free_port())
    with running_application(other, tmp_path, COGNITO_API_TOKEN_USES="access,id"):
        yield other


def test_id_tokens_work_if_the_settings_allow_them(site_with_id_tokens: Stack) -> None:
    whole = page("from-the-tutorials.md")
    _, _, with_id_tokens = whole.partition(ID_TOKENS)
    outcome = tutorial(site_with_id_tokens, [blocks_of(whole)[0], *blocks_of(with_id_tokens)])
    assert outcome.statuses == [200, 200, 200]
    assert '"token_use":"id"' in outcome.output
    assert '"token_use":"access"' in outcome.output


def test_commands_of_the_accounts_page_work(api_site: ApiSite) -> None:
    outcome = run(
        blocks_of(page("api-accounts.md")),
        environment(api_site.stack),
        {"http://localhost:8000": api_site.stack.public_url},
    )
    assert outcome.statuses == [202, 202, 204, 200, 200, 200, 204, 200, 204, 202, 204]


def test_commands_of_the_self_service_page_work(api_site: ApiSite) -> None:
    stack, email = api_site.stack, "self-service@example.com"
    ensure_user(
        stack.aws.cognito(),
        user_pool_id=stack.pool.user_pool_id,
        email=email,
        password=DEMO_PASSWORD,
        groups=[],
    )
    outcome = run(
        blocks_of(page("api-self-service.md")),
        environment(stack) | {"GATEHOUSE_PASSWORD": DEMO_PASSWORD},
        {"http://localhost:8000": stack.public_url, "user@example.com": email},
    )
    assert outcome.statuses == [
        *(200, 200),  # profile
        400,  # the new address; the page has no valid code
        204,  # password
        *(200, 400, 204),  # authenticator app; the page has no valid code
        200,  # passkeys
        *(200, 404),  # sessions
        204,  # account deleted
    ]


# begin capability notes
def test_commands_of_the_endpoint_page_get_a_machine_token(api_site: ApiSite) -> None:
    stack = api_site.stack
    blocks = [block for block in blocks_of(page("add-an-endpoint.md")) if "curl" in block]
    machine = {
        "MACHINE_CLIENT_ID": stack.pool.machine_client_id,
        "MACHINE_CLIENT_SECRET": api_site.machine_client_secret,
    }
    outcome = run(blocks, environment(stack) | machine, {})
    assert outcome.statuses == [200]
    assert json.loads(outcome.output)["token_type"] == "Bearer"


# end capability notes
