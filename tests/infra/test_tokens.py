from __future__ import annotations

import base64
import json

import pytest

from infra.errors import SignInProblem
from infra.local.ministack import MiniStack
from infra.local.pool import Pool, provision_pool
from infra.local.ports import free_port
from infra.tokens import machine_token

pytestmark = pytest.mark.ministack


@pytest.fixture
def pool(empty_ministack: MiniStack) -> Pool:
    return provision_pool(empty_ministack, public_url="http://localhost:8000")


def machine_token_of(ministack: MiniStack, pool: Pool, *, domain: str) -> str:
    return machine_token(ministack.cognito(), user_pool_id=pool.user_pool_id, domain=domain)


def test_machine_token_has_all_scopes_of_the_machine_client(
    empty_ministack: MiniStack, pool: Pool
) -> None:
    token = machine_token_of(empty_ministack, pool, domain=empty_ministack.endpoint_url)
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["client_id"] == pool.machine_client_id
    assert set(claims["scope"].split()) == {"api/read", "api/write"}


def test_error_names_a_pool_without_a_machine_client(
    empty_ministack: MiniStack, pool: Pool
) -> None:
    empty_ministack.cognito().delete_user_pool_client(
        UserPoolId=pool.user_pool_id, ClientId=pool.machine_client_id
    )
    with pytest.raises(SignInProblem, match=f"{pool.user_pool_id} has no app client"):
        machine_token_of(empty_ministack, pool, domain=empty_ministack.endpoint_url)


def test_hosted_ui_that_does_not_answer_is_reported(empty_ministack: MiniStack, pool: Pool) -> None:
    with pytest.raises(SignInProblem, match="make run"):
        machine_token_of(empty_ministack, pool, domain=f"http://127.0.0.1:{free_port()}")


def test_status_of_a_refusal_is_reported(empty_ministack: MiniStack, pool: Pool) -> None:
    with pytest.raises(SignInProblem, match="it answered 40"):
        machine_token_of(empty_ministack, pool, domain=f"{empty_ministack.endpoint_url}/nowhere")
