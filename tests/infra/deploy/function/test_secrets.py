"""The secrets of a stage in the Secrets Manager of the local AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.deploy.function.secrets import ensure_secrets
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import MiniStack

pytestmark = pytest.mark.ministack

NAME = "gatehouse/dev"


@pytest.fixture
def secrets_manager(empty_ministack: MiniStack) -> Any:
    return local_target(empty_ministack, login_url="http://localhost:9").client("secretsmanager")


def test_secrets_are_generated_once_and_manual_additions_are_kept(secrets_manager: Any) -> None:
    made = ensure_secrets(secrets_manager, NAME, database_url="postgres://one/x")
    assert ensure_secrets(secrets_manager, NAME, database_url=None) == made
    added = made | {"DJANGO_SECRET_KEY_FALLBACKS": "the-former"}
    secrets_manager.put_secret_value(SecretId=NAME, SecretString=json.dumps(added))
    again = ensure_secrets(secrets_manager, NAME, database_url="postgres://other/x")
    assert again == added | {"DATABASE_URL": "postgres://other/x"}


def test_stage_without_a_database_gets_no_secrets(secrets_manager: Any) -> None:
    with pytest.raises(InfraError, match="set DATABASE_URL"):
        ensure_secrets(secrets_manager, NAME, database_url=None)
    assert secrets_manager.list_secrets()["SecretList"] == []


@pytest.mark.parametrize("stored", [["hush"], {"TOKEN_ENCRYPTION_KEYS": ["hush", "hush-hush"]}])
def test_malformed_secrets_are_refused_and_not_shown(secrets_manager: Any, stored: object) -> None:
    secrets_manager.create_secret(Name=NAME, SecretString=json.dumps(stored))
    with pytest.raises(InfraError, match="whose values are strings") as refused:
        ensure_secrets(secrets_manager, NAME, database_url="postgres://one/x")
    assert "hush" not in str(refused.value)
