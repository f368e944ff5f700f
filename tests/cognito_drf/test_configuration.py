"""The setting `COGNITO`."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from cognito_drf.apps import check_setting
from cognito_drf.configuration import configuration

VALID = {"USER_POOL_ID": "eu-west-1_AbCdEfGhI", "CLIENT_IDS": ["client"]}


def test_two_keys_are_enough(settings: Settings) -> None:
    settings.COGNITO = VALID
    assert configuration().token_uses == {"access"}
    assert configuration() is configuration()
    assert check_setting() == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"USER_POOL_ID": "pool"}, "is not the id of a user pool"),
        ({"USER_POOL_ID": None}, "COGNITO: "),
        ({"CLIENT_IDS": []}, "at least one app client"),
        ({"CLIENT_IDS": None}, "COGNITO: "),
        ({"CLIENT_IDS": [""]}, "none of its client ids may be empty"),
        ({"TOKEN_USES": ["refresh"]}, "TOKEN_USES"),
        ({"TOKEN_USES": []}, "TOKEN_USES"),
        ({"AUDIENCE": ""}, "audience must not be empty"),
        ({"CLIENT_ID": "client"}, "does not have CLIENT_ID"),
    ],
)
def test_mistake_is_named(settings: Settings, changes: dict[str, Any], message: str) -> None:
    settings.COGNITO = VALID | changes
    with pytest.raises(ImproperlyConfigured, match=message):
        configuration()
    [problem] = check_setting()
    assert message in str(problem.msg)


@pytest.mark.parametrize("missing", ["USER_POOL_ID", "CLIENT_IDS"])
def test_missing_key_is_named(settings: Settings, missing: str) -> None:
    settings.COGNITO = {name: value for name, value in VALID.items() if name != missing}
    with pytest.raises(ImproperlyConfigured, match=f"lacks {missing}"):
        configuration()


def test_missing_setting_is_named(settings: Settings) -> None:
    settings.COGNITO = None
    with pytest.raises(ImproperlyConfigured, match="must be a dictionary"):
        configuration()
