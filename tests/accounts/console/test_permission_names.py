from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import translation

from accounts.console.permission_names import name_of
from accounts.models import User

pytestmark = pytest.mark.django_db


def named(codename: str) -> Permission:
    return Permission.objects.select_related("content_type").get(codename=codename)


def test_every_name_is_a_phrase_in_english() -> None:
    names = {name_of(one) for one in Permission.objects.select_related("content_type")}
    assert names >= {"Can view audit events", "Can delete groups", "Can invite users"}
    assert all(name.startswith("Can ") for name in names)


# begin capability german
@pytest.mark.parametrize(
    ("codename", "name"),
    [
        ("view_auditevent", "Darf Ereignisse ansehen"),
        ("delete_group", "Darf Gruppen löschen"),
        # This is a permission of our own, although it is named like one of Django's.
        ("view_directory", "Darf Benutzer und Gruppen des Benutzerpools sehen"),
        ("invite_users", "Darf Benutzer einladen"),
    ],
)
def test_names_are_translated(codename: str, name: str) -> None:
    with translation.override("de"):
        assert name_of(named(codename)) == name


# end capability german


def test_permission_of_a_model_that_is_gone_keeps_its_name() -> None:
    gone = ContentType.objects.create(app_label="old", model="thing")
    kept = Permission.objects.create(content_type=gone, codename="add_thing", name="Can add thing")
    unnamed = Permission.objects.create(content_type=gone, codename="touch_thing", name="")
    with translation.override("de"):
        assert name_of(kept) == "Can add thing"
        assert name_of(unnamed) == "touch_thing"


# begin capability german
def test_form_of_a_group_names_permissions_in_the_language_of_the_operator(
    client: Client, enter: Callable[[User], None], root: User
) -> None:
    enter(root)
    group = Group.objects.get(name="operators")
    page = client.get(
        f"/admin/auth/group/{group.pk}/change/", headers={"Accept-Language": "de"}
    ).content.decode()
    assert "Darf Benutzer einladen" in page
    assert "Can " not in page


# end capability german
