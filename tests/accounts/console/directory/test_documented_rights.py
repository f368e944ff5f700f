"""The group `operators` has the permissions that docs/operators.md lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group

from accounts.models import Directory

PAGE = Path(__file__).parents[4] / "docs/operators.md"
ROW = re.compile(r"^\| `accounts\.(\w+)` \|[^|]+\| (yes)? ?\|$", re.MULTILINE)


@pytest.mark.django_db
def test_operators_have_exactly_the_documented_permissions() -> None:
    documented = dict(ROW.findall(PAGE.read_text("utf-8")))
    assert set(documented) >= {name for name, _ in Directory._meta.permissions}
    granted = Group.objects.get(name="operators").permissions
    labels = granted.values_list("content_type__app_label", "codename")
    assert {(label, name) for label, name in labels} == {
        ("accounts", name) for name, has_it in documented.items() if has_it
    }
