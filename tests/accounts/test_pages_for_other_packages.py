"""The names of this project in the tables of docs/from-….md exist."""

from __future__ import annotations

import csv
import re
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from infra.environments import ROOT
from project.environment.variable import declared_variables
from project.environment.variables import Environment

PAGES = sorted((ROOT / "docs").glob("from-*django*.md"))
assert len(PAGES) == 3
# A setting of projects that adopt, and one that is a setting of Django's.
OTHER_SETTINGS = {
    "GATEHOUSE_USER_ADAPTER",
    "COGNITO",
    "USER_POOL_ID",
    "CLIENT_IDS",
    "AUTH_USER_MODEL",
}


def our_names(page: Path) -> set[str]:
    """Return what the cells after the first name in code."""
    rows = re.findall(r"^\| (?!---)[^|]+\|(.+)\|$", page.read_text("utf-8"), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.stem))
def test_names_in_the_tables_exist(page: Path) -> None:
    names = our_names(page)
    # `infra adopt` gives modules and namespaces the name of the package.
    routes = {one for name in names for one in re.findall(r"\bgatehouse_(accounts:[a-z-]+)", name)}
    dotted = re.compile(r"(?:gatehouse\.(?=accounts|api)|(?=cognito_drf))(\w+(?:\.\w+)+)")
    paths = {found[1] for name in names if (found := dotted.fullmatch(name))}
    variables = {name for name in names if re.fullmatch(r"[A-Z]+(?:_[A-Z]+)+", name)}
    for route in routes:
        assert reverse(route)
    for path in paths:
        module, _, member = path.rpartition(".")
        assert hasattr(import_module(module), member), path
    assert variables <= declared_variables(Environment).keys() | OTHER_SETTINGS
    assert routes | paths | variables


def test_documented_mapping_has_the_columns_that_the_command_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    accounts = [SimpleNamespace(user=SimpleNamespace(username="alice"), uid="a-sub")]
    found = SimpleNamespace(select_related=lambda _: accounts)
    models: Any = ModuleType("allauth.socialaccount.models")
    models.SocialAccount = SimpleNamespace(objects=SimpleNamespace(filter=lambda **_: found))
    for name in ("allauth", "allauth.socialaccount"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, models.__name__, models)
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs/from-django-allauth.md").read_text("utf-8")
    (block,) = re.findall(r"^   ```python\n(.+?)^   ```$", text, re.MULTILINE | re.DOTALL)
    exec(re.sub("^   ", "", block, flags=re.MULTILINE), {})
    with (tmp_path / "users.csv").open() as file:
        assert list(csv.DictReader(file)) == [{"username": "alice", "sub": "a-sub"}]
