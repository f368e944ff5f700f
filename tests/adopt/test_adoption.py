"""A running project adopts Gatehouse, and what it has stays as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.adopt import host

MAKERS = {"auth.User": host.with_django_users, "custom": host.with_customers}
LOGIN = "/gatehouse/accounts/login/?next=%2Fgatehouse%2Faccounts%2Fprofile%2F"


class Adopted:
    """A project that has adopted Gatehouse, and what its visits found."""

    def __init__(self, project: host.Host) -> None:
        self.project = project
        self.tables_before = project.manage("inspectdb")
        project.adopt()
        self.found = project.visit()


@pytest.fixture(scope="module", params=MAKERS)
def adopted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Adopted:
    directory = tmp_path_factory.mktemp("adopt") / "theirs"
    return Adopted(MAKERS[request.param](directory))


def found(adopted: Adopted, scenario: str) -> Any:
    return adopted.found[scenario]


def test_checks_pass_and_no_migration_is_missing(adopted: Adopted) -> None:
    output = adopted.project.manage_each(("check",), ("makemigrations", "--check"))
    assert "no issues" in output
    assert "No changes detected" in output


def test_tables_of_the_project_stay_as_they_were(adopted: Adopted) -> None:
    after = adopted.project.manage("inspectdb")
    for model in adopted.tables_before.split("\n\n\n"):
        assert model.strip() in after
    assert "class AccountsUser(" not in after
    assert "class GatehouseIdentityIdentity(" in after


def test_new_user_of_the_pool_becomes_a_user_of_the_project(adopted: Adopted) -> None:
    assert found(adopted, "new_user") == {
        "callback": [302, "/gatehouse/accounts/profile/"],
        "identity": [True, True, "ada@example.com"],
        "user": [False, False, False, "ada@example.com"],
        "front page is hers": True,
        "profile": [200, True],
        "admin": 302,
        "again": [302, 1],
        "sign-out": 302,
        "signed out": "user: None",
        "trail": ["first_sign_in", "sign_in", "sign_in", "sign_out"],
    }


def test_user_that_the_project_deactivates_is_refused_everywhere(adopted: Adopted) -> None:
    assert found(adopted, "deactivated") == {
        "bearer": [200, 401],
        "front page": "user: None",
        "sign-in": 403,
    }


def test_sessions_with_a_password_stay_valid_and_apart(adopted: Adopted) -> None:
    assert found(adopted, "password_sessions") == {
        "front page is theirs": True,
        "account page": [302, LOGIN],
        "callback without a sign-in": 400,
        "account page of a linked user": 302,
        "session of the API": 401,
        "signed in as the same user": True,
        "users": 1,
        "admin": [200, 200],
        "after the device was signed out": ["user: None", True],
    }


def test_admin_of_the_project_stays_as_it_is(adopted: Adopted) -> None:
    assert found(adopted, "their_admin") == {
        "index": 200,
        "is Django's": True,
        "group was added": [302, 1],
        "helper": [200, 200, 403],
        "visitor": "/admin/login/?next=/admin/",
        "operators": 0,
    }


def test_rights_follow_cognito_groups_only_if_the_project_asks_for_it(adopted: Adopted) -> None:
    assert found(adopted, "rights") == {
        "unless asked for": [[False, True, 0], [False, True, 0]],
        "if asked for": [[True, False, 1], [False, False, 0]],
    }


def test_both_apis_keep_their_own_rules(adopted: Adopted) -> None:
    json, problem = "application/json", "application/problem+json"
    answers = found(adopted, "api")
    assert answers.pop("challenge").startswith(f'Bearer resource_metadata="{host.PUBLIC_URL}/')
    [server] = answers.pop("servers")
    assert server["url"] == host.PREFIX
    assert answers == {
        "me, with a token": [200, json],
        "me, with a cookie": [401, problem],
        "me, with a bad token": [401, problem],
        "me, in XML": [401, problem],
        "missing": [404, problem],
        "theirs, with a cookie": [200, json],
        "theirs, missing": [404, "text/html; charset=utf-8"],
        "resource": f"{host.PUBLIC_URL}/api",
    }


def test_sign_in_never_links_a_user_by_the_address(adopted: Adopted) -> None:
    answers = found(adopted, "addresses_in_use")
    assert answers["old"] == ["ada@example.com", True, False]
    has_unique_addresses = answers["verified"] == 403
    assert answers["new"] == (
        ["<sub>@cognito.invalid"] if has_unique_addresses else ["ada@example.com", ""]
    )
    assert answers["unverified"] == 302


def test_account_deleted_in_the_pool_leaves_the_row_of_the_project(adopted: Adopted) -> None:
    assert found(adopted, "deleted_account") == {
        "user is active": False,
        "left": [0, 0],
        "front page": "user: None",
    }


def test_users_are_linked_by_verified_addresses_that_are_unique(adopted: Adopted) -> None:
    assert found(adopted, "link_by_address") == {
        "dry run and run": [
            "2 would be linked (add --apply), 0 were linked before, 2 not linked",
            "2 linked, 0 were linked before, 2 not linked",
        ],
        "are right": True,
        "named": [True, True],
        "repeated": "0 linked, 2 were linked before, 2 not linked",
        "with staff": "1 linked, 2 were linked before, 1 not linked",
        "linked staff": "0 would be linked (add --apply), 3 were linked before, 1 not linked",
        "boss": True,
        "trail": 3,
        "signed in": True,
    }


def test_users_are_linked_by_a_mapping_file(adopted: Adopted) -> None:
    answers = found(adopted, "link_by_mapping")
    assert "has no field 'shoe_size'" in answers.pop("unknown field")
    assert answers == {
        "summary": "2 linked, 1 were linked before, 5 not linked",
        "problems": 5,
        "linked": ["ada-sub", "bob-sub", "eve-sub"],
    }


def test_missing_settings_are_named(adopted: Adopted, tmp_path: Path) -> None:
    (tmp_path / "lacking.py").write_text(
        "from theirs.settings import *\n\ndel SITE_NAME, PUBLIC_ORIGIN\n"
    )
    output = adopted.project.manage(
        *("check", "--settings=lacking", f"--pythonpath={tmp_path}"), expect=1
    )
    assert "Settings of Gatehouse are missing" in output
    assert "PUBLIC_ORIGIN, SITE_NAME." in output


def test_migrations_can_be_undone(adopted: Adopted) -> None:
    migrate = ("migrate", "--verbosity=0")
    after = adopted.project.manage_each(
        (*migrate, "accounts", "zero"),
        (*migrate, "gatehouse_identity", "zero"),
        ("inspectdb",),
        migrate,
    )
    assert "class Accounts" not in after
    for model in adopted.tables_before.split("\n\n\n"):
        assert model.strip() in after
