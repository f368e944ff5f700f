"""`operators/users` and `operators/groups`: the actions of operators, and their effects."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditEvent, BrowserSession, Revocation, User
from api.notes.models import Note
from cognito.directory.users import Directory
from cognito.errors import UserNotFound
from infra.tokens import access_token
from infra.users import ensure_user
from tests.accounts.console.conftest import (
    USERS,
    Api,
    NewApi,
    NewUser,
    last_event,
    row_of,
    session_of,
)
from tests.support.answers import assert_problem, body_of
from tests.support.application import Stack

pytestmark = [pytest.mark.ministack, pytest.mark.django_db]

GROUPS = "/api/v1/operators/groups"
EVENTS = "/api/v1/operators/audit-events"


# --- Access


@pytest.mark.parametrize(
    "path", [USERS, f"{USERS}/any-user", GROUPS, f"{GROUPS}/operators/members", EVENTS]
)
def test_only_operators_have_access(new_api: NewApi, path: str) -> None:
    assert_problem(new_api().call(None, path), 401, "not_authenticated")
    for groups in ((), ("Operators",), ("operators ",), ("operator",), ("readers",)):
        assert_problem(new_api(*groups).get(path), 403, "not_in_group")


def test_machine_client_is_no_operator(operator: Api) -> None:
    token = operator.tokens.machine(
        {"cognito:groups": ["operators"]}, client_id=operator.tokens.client_id
    )
    assert operator.call(token, USERS).status_code == 403


def test_operators_token_of_a_third_party_needs_the_scopes(
    operator: Api, settings: Settings
) -> None:
    settings.COGNITO_API_CLIENT_IDS = frozenset({"another"})
    operator.tokens.client_id = "another"
    groups = {"cognito:groups": ["operators"]}
    everyday = operator.tokens.access(groups, scope="openid api/read api/write")
    for path in (USERS, GROUPS, EVENTS):
        assert_problem(operator.call(everyday, path), 403, "insufficient_scope")
    assert_problem(operator.call(everyday, USERS, method="POST"), 403, "insufficient_scope")
    operate = operator.tokens.access(groups, scope="api/operate")
    assert operator.call(operate, USERS).status_code == 200
    assert_problem(operator.call(operate, EVENTS), 403, "insufficient_scope")
    audit = operator.tokens.access(groups, scope="api/audit")
    assert operator.call(audit, EVENTS).status_code == 200
    assert_problem(operator.call(audit, USERS), 403, "insufficient_scope")


def test_staff_without_permissions_are_refused(
    new_api: NewApi, new_user: NewUser, new_group: str, settings: Settings
) -> None:
    settings.COGNITO_STAFF_GROUPS = frozenset({new_group})
    user, api = new_user(), new_api(new_group)
    assert_problem(api.get(USERS), 403, "permission_missing")
    assert_problem(api.do("disable", user), 403, "permission_missing")
    assert last_event()[:3] == ("disable_user", "failure", "permission_missing")


def test_permissions_of_a_group_outside_the_staff_groups_have_no_effect(
    new_api: NewApi, settings: Settings
) -> None:
    settings.COGNITO_STAFF_GROUPS = frozenset({"night-shift"})
    assert_problem(new_api("operators").get(USERS), 403, "not_in_group")
    assert new_api("operators", "night-shift").get(USERS).status_code == 200


# --- Reading


def test_users_are_found_and_paged(operator: Api, new_user: NewUser) -> None:
    mark = uuid.uuid4().hex[:8]
    users = {new_user(name=f"{mark} {number}").username for number in range(3)}
    found: list[str] = []
    cursor = ""
    for _ in range(9):
        answer = body_of(operator.get(f"{USERS}?field=name&search={mark}&limit=2{cursor}"))
        found += [user["username"] for user in answer["results"]]
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert sorted(found) == sorted(users)


def test_user_is_described_in_full(operator: Api, new_user: NewUser) -> None:
    user = new_user("operators")
    for key in (user.username, user.email):
        answer = body_of(operator.get(f"{USERS}/{key}"))
        assert answer["user"]["email"] == user.email
        assert answer["user"]["status"] == "FORCE_CHANGE_PASSWORD"
        assert (answer["groups"], answer["mfa"]) == (["operators"], [])
        assert answer["attributes"]["sub"] == user.sub
    assert_problem(operator.get(f"{USERS}/unknown"), 404, "not_found")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=61", "limit=x", "field=password", "status=INVALID", "search=" + "a" * 201],
)
def test_invalid_queries_are_refused(operator: Api, query: str) -> None:
    assert_problem(operator.get(f"{USERS}?{query}"), 400, "validation_failed")


# --- Actions


def test_address_in_any_spelling_is_one_user_who_can_sign_in(
    operator: Api, pool: Directory, stack: Stack
) -> None:
    mark = uuid.uuid4().hex[:8]
    lower, typed = f"ann.{mark}@example.com", f"Ann.{mark.upper()}@Example.COM"
    answer = operator.post(USERS, email=typed)
    assert answer.status_code == 201, answer.content
    assert pool.user(body_of(answer)["username"]).email == lower
    for again in (lower, typed, typed.upper(), f" {typed} ", typed.replace("A", "\uff21", 1)):
        assert_problem(operator.post(USERS, email=again), 409, "account_exists")
    cognito, pool_id = stack.aws.cognito(), stack.pool.user_pool_id
    other = typed.replace("Ann", "Bob")
    for email in (other, other.lower(), other.upper()):
        made = ensure_user(
            cognito, user_pool_id=pool_id, email=email, password="correct horse 1", groups=[]
        )
        assert made == (email == other)
    for email in (other, other.lower()):
        assert access_token(
            cognito,
            client_id=stack.pool.web_client_id,
            client_secret=stack.pool.web_client_secret,
            email=email,
            password="correct horse 1",
        )


def test_user_is_invited_once(operator: Api, pool: Directory) -> None:
    email = f"{uuid.uuid4()}@example.com"
    answer = operator.post(USERS, email=email, name="Bob")
    assert answer.status_code == 201, answer.content
    user = pool.user(body_of(answer)["username"])
    assert answer["Location"] == f"{USERS}/{user.username}"
    assert (user.email, user.status) == (email, "FORCE_CHANGE_PASSWORD")
    assert last_event() == ("invite_user", "success", "", operator.sub, user.sub)
    assert_problem(operator.post(USERS, email=email), 409, "account_exists")
    assert last_event()[1:3] == ("failure", "account_exists")
    assert operator.do("resend-invitation", user).status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "no address"},
        {"email": "a@example.com", "groups": ["admins"]},
        {"email": "a@example.com", "phone_number": "12"},
    ],
)
def test_invalid_invitations_are_refused(operator: Api, body: dict[str, object]) -> None:
    assert_problem(operator.post(USERS, **body), 400, "validation_failed")
    assert not AuditEvent.objects.exists()


def test_disabling_ends_sessions_and_bearer_tokens(
    operator: Api, new_user: NewUser, new_api: NewApi, pool: Directory
) -> None:
    user = new_user()
    theirs = new_api(user=user)
    token = theirs.token
    assert theirs.call(token).status_code == 200
    session_of(row_of(user))

    assert operator.do("disable", user).status_code == 204

    assert not pool.user(user.username).is_enabled
    assert not BrowserSession.objects.exists()
    assert Revocation.objects.get().sub == user.sub
    assert last_event() == ("disable_user", "success", "", operator.sub, user.sub)

    assert operator.do("enable", user).status_code == 204
    assert pool.user(user.username).is_enabled
    assert Revocation.objects.get().sub == user.sub, "sign-ins from before must stay revoked"


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("sign-out", {}, "CONFIRMED"),
        ("reset-password", {}, "RESET_REQUIRED"),
        ("set-temporary-password", {"password": "one that is long"}, "FORCE_CHANGE_PASSWORD"),
    ],
)
def test_actions_on_passwords_and_sign_ins_end_sessions(
    *,
    operator: Api,
    new_user: NewUser,
    pool: Directory,
    action: str,
    body: dict[str, str],
    status: str,
) -> None:
    user = new_user()
    assert operator.do("confirm", user).status_code == 204
    session_of(row_of(user))
    assert operator.do(action, user, **body).status_code == 204
    assert pool.user(user.username).status == status
    assert not BrowserSession.objects.exists()
    assert Revocation.objects.count() == 1
    assert "one that is long" not in str(list(AuditEvent.objects.values()))


def test_invalid_temporary_password_changes_nothing(operator: Api, new_user: NewUser) -> None:
    user = new_user()
    session_of(row_of(user))
    problem = assert_problem(
        operator.do("set-temporary-password", user, password="short"), 400, "validation_failed"
    )
    assert list(problem["errors"]) == ["password"]
    assert BrowserSession.objects.count() == 1
    assert last_event()[1:3] == ("failure", "password_refused")


def test_change_of_groups_renews_sessions_at_their_next_request(
    operator: Api, new_user: NewUser, pool: Directory
) -> None:
    user = new_user()
    session_of(row_of(user))
    before = timezone.now()
    assert operator.do("add-to-group", user, group="operators").status_code == 204
    assert [group.name for group in pool.groups_of(user.username)] == ["operators"]
    five_minutes = timedelta(seconds=300)
    renewed_at = BrowserSession.objects.get().renewed_at
    assert before - five_minutes <= renewed_at <= timezone.now() - five_minutes
    assert last_event() == ("add_to_group", "success", "operators", operator.sub, user.sub)
    assert operator.do("remove-from-group", user, group="operators").status_code == 204
    assert pool.groups_of(user.username) == []


def test_deletion_requires_the_address_and_removes_all_data(
    superuser: Api, root_group: str, new_user: NewUser, pool: Directory
) -> None:
    user = new_user()
    session_of(row_of(user))
    # begin capability notes
    Note.objects.create(
        owner_issuer=superuser.tokens.issuer, owner_sub=user.sub, title="Tea", body=""
    )
    # end capability notes
    for typed in ("", "another@example.com", user.email + "x"):
        answer = superuser.do("delete", user, email=typed)
        assert_problem(answer, 400, "validation_failed")
    assert pool.user(user.username)

    assert superuser.do("delete", user, email=user.email.upper()).status_code == 204
    with pytest.raises(UserNotFound):
        pool.user(user.username)
    assert not User.objects.exists()
    assert not BrowserSession.objects.exists()
    assert not Note.objects.exists()  # only with notes
    assert last_event() == ("delete_user", "success", "", superuser.sub, user.sub)
    assert_problem(superuser.do("delete", user, email=user.email), 404, "not_found")


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("disable", {"unknown": 1}),
        ("add-to-group", {}),
        ("add-to-group", {"group": "two words"}),
        ("set-temporary-password", {"password": 12345678901234}),
    ],
)
def test_invalid_bodies_are_refused(
    operator: Api, new_user: NewUser, action: str, body: dict[str, object]
) -> None:
    assert_problem(operator.do(action, new_user(), **body), 400, "validation_failed")
    assert not AuditEvent.objects.exists()


def test_unknown_action_user_and_group_are_refused(operator: Api, new_user: NewUser) -> None:
    user = new_user()
    assert_problem(operator.do("explode", user), 404, "not_found")
    problem = assert_problem(
        operator.do("add-to-group", user, group="nowhere"), 400, "validation_failed"
    )
    assert list(problem["errors"]) == ["group"]
    assert last_event()[1:3] == ("failure", "nowhere: group_not_found")
    assert_problem(operator.post(f"{USERS}/unknown/disable"), 404, "not_found")
    event = AuditEvent.objects.latest("pk")
    assert (event.subject_label, event.detail) == ("unknown", "user_not_found")


# --- Groups


def test_superusers_create_and_delete_groups(
    superuser: Api, operator: Api, pool: Directory
) -> None:
    name = f"group-{uuid.uuid4()}"
    assert_problem(operator.post(GROUPS, name=name), 403, "permission_missing")
    assert superuser.post(GROUPS, name=name, description="For tea", precedence=3).status_code == 201
    assert last_event()[:3] == ("create_group", "success", name)
    assert_problem(superuser.post(GROUPS, name=name), 409, "group_exists")
    group = {"name": name, "description": "For tea", "precedence": 3}
    assert group in body_of(operator.get(GROUPS))["groups"]
    assert body_of(operator.get(f"{GROUPS}/{name}")) == group
    assert_problem(operator.delete(f"{GROUPS}/{name}"), 403, "permission_missing")
    assert superuser.delete(f"{GROUPS}/{name}").status_code == 204
    assert_problem(superuser.delete(f"{GROUPS}/{name}"), 404, "not_found")


def test_members_are_listed_and_paged(operator: Api, superuser: Api, new_user: NewUser) -> None:
    # Other tests add operators, so that their group can have more than a page of members.
    name = f"members-{uuid.uuid4()}"
    assert superuser.post(GROUPS, name=name).status_code == 201
    user = new_user(name)
    members = body_of(operator.get(f"{GROUPS}/{name}/members"))
    assert [one["username"] for one in members["results"]] == [user.username]
    assert members["next_cursor"] is None
    assert_problem(operator.get(f"{GROUPS}/nowhere/members"), 404, "not_found")


def test_group_that_the_configuration_names_is_not_deleted(superuser: Api, pool: Directory) -> None:
    assert_problem(superuser.delete(f"{GROUPS}/operators"), 403, "group_in_use")
    assert pool.group("operators")


def test_operator_cannot_create_a_group_with_more_rights(new_api: NewApi) -> None:
    group = Group.objects.get(name="operators")
    group.permissions.add(Permission.objects.get(codename="manage_groups"))
    mighty = Group.objects.create(name="mighty")
    mighty.permissions.add(Permission.objects.get(codename="delete_users"))
    api = new_api("operators")
    for name in ("mighty", "admins"):
        assert_problem(api.post(GROUPS, name=name), 403, "more_rights")
