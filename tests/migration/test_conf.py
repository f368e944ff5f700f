"""The setting of the old site, and the checks that read it."""

from __future__ import annotations

import ast
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from infra.environments import ROOT
from migration.checks import check_configuration
from migration.conf import configuration
from tests.support.old_site.process import SETTING


def messages(setting: Any) -> list[str]:
    with override_settings(GATEHOUSE_MIGRATION=setting):
        return [message.msg for message in check_configuration()]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"KEYS": {}}, "at least one key"),
        ({"KEYS": {"a": "short"}}, "32 or more characters"),
        ({"KEYS": {"a b": "k" * 40}}, "key ids"),
        ({"UNTIL": "soon"}, "a date such as"),
        ({"UNTIL": datetime(2030, 1, 1)}, "a time zone"),  # noqa: DTZ001
        ({"EMAIL_VERIFIED": None}, "True, False, or the name"),
        ({"ATTRIBUTES": {"email": "email"}}, "other than email"),
        ({"ATTRIBUTES": {"custom:hash": "password"}}, "other than the password"),
        ({"ACCOUNT_LIMIT": [0, 10]}, "a number of attempts"),
        ({"REFUSAL_SECONDS": 10}, "from 0 to 2"),
        ({"CHOOSE": "tests.no_such_function"}, "the path of one"),
        ({"LOGIN_FIELD": "mail"}, "has no field 'mail'"),
        ({"Keys": {}}, "has no member Keys"),
        ({"UNTIL": "2026-01-01"}, "has passed"),
    ],
)
def test_wrong_configuration_is_named_by_a_check(change: dict[str, Any], message: str) -> None:
    [found] = messages({**SETTING, **change})
    assert message in found


@pytest.mark.parametrize("name", ["KEYS", "UNTIL", "EMAIL_VERIFIED"])
def test_required_member_is_named(name: str) -> None:
    rest = {key: value for key, value in SETTING.items() if key != name}
    [found] = messages(rest)
    assert f"needs the member {name}" in found


def test_setting_itself_is_required() -> None:
    assert messages(SETTING) == []
    assert "must be a dictionary" in messages(None)[0]
    with pytest.raises(ImproperlyConfigured):
        configuration()


def test_date_includes_its_day_in_utc() -> None:
    with override_settings(GATEHOUSE_MIGRATION={**SETTING, "UNTIL": "2030-02-28"}):
        assert configuration().until == datetime(2030, 3, 1, tzinfo=timezone.utc)  # noqa: UP017
    moment = datetime(2030, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    with override_settings(GATEHOUSE_MIGRATION={**SETTING, "UNTIL": moment}):
        assert configuration().until == moment


@pytest.mark.parametrize(
    "file", sorted((ROOT / "migration").rglob("*.py")), ids=lambda file: file.name
)
def test_code_is_valid_for_the_oldest_python_of_django_4_2(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"), feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not imported & {"accounts", "api", "cognito", "infra", "local_cognito", "project"}
