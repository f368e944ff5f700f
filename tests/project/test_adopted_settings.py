"""The settings of Gatehouse in those of another project."""

from __future__ import annotations

from typing import Any

import pytest

from project.adopted_settings import gatehouse_settings
from project.environment.reader import EnvironmentProblems

KEY = "dGVzdHMtb25seTotLS0tLS0tLS0tLS0tLS0tLS0tLS0="
ENVIRON = {
    "PUBLIC_URL": "http://localhost:8000/signin",
    "COGNITO_REGION": "eu-west-1",
    "COGNITO_USER_POOL_ID": "eu-west-1_TestPool1",
    "COGNITO_CLIENT_ID": "client",
    "COGNITO_DOMAIN": "https://lint.auth.eu-west-1.amazoncognito.com",
}
BASE: dict[str, Any] = {"DEBUG": True, "SECRET_KEY": "a", "INSTALLED_APPS": ["django.contrib.auth"]}


def settings(project: dict[str, Any], **environ: str) -> dict[str, Any]:
    return project | gatehouse_settings(project, ENVIRON | environ)


def test_settings_of_the_project_stay() -> None:
    found = settings(BASE | {"SITE_NAME": "Theirs", "MIDDLEWARE": ("a", "b")})
    assert found["SITE_NAME"] == "Theirs"
    assert found["INSTALLED_APPS"][0] == "django.contrib.auth"
    assert [one for one in found["MIDDLEWARE"] if one in "ab"] == ["a", "b"]


def test_tuple_stays_a_tuple_that_another_settings_module_can_add_to() -> None:
    names = ("INSTALLED_APPS", "MIDDLEWARE", "TEMPLATES", "AUTHENTICATION_BACKENDS")
    found = settings(BASE | dict.fromkeys(names, ()))
    assert [name for name in names if not isinstance(found[name], tuple)] == []
    found = settings(BASE | {name: [] for name in names})
    assert [name for name in names if not isinstance(found[name], list)] == []


def test_missing_variables_are_named_with_advice_for_a_project() -> None:
    with pytest.raises(EnvironmentProblems, match=r"COGNITO_REGION: is required(?s:.*)local pool"):
        settings(BASE, COGNITO_REGION="")


def test_second_settings_module_counts_if_both_have_the_lines() -> None:
    """An example is `production`, which imports all of `base` and switches DEBUG off."""
    base = settings(BASE)
    production = base | {"DEBUG": False, "SECRET_KEY": "b"}
    with pytest.raises(EnvironmentProblems, match="TOKEN_ENCRYPTION_KEYS"):
        settings(production)
    found = settings(production, TOKEN_ENCRYPTION_KEYS=KEY, SITE_NAME="Shop")
    assert found["TOKEN_ENCRYPTION_KEYS"] != base["TOKEN_ENCRYPTION_KEYS"]
    assert found["SITE_NAME"] == "Shop"
    for name in ("INSTALLED_APPS", "MIDDLEWARE", "AUTHENTICATION_BACKENDS"):
        assert found[name] == base[name]
    assert settings(base | {"SITE_NAME": "Theirs"})["SITE_NAME"] == "Theirs"
