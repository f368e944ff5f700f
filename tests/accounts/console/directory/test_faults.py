"""A user pool that fails during an action: an incomplete action is never reported as done."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group
from django.db import InterfaceError
from django.test import Client

from accounts.models import AuditEvent, BrowserSession, Revocation, User
from cognito import deadlines
from cognito.directory.records import DirectoryUser
from tests.accounts.console.conftest import USERS, Api, row_of, session_of
from tests.support.answers import assert_problem, body_of
from tests.support.clock import ends_within
from tests.support.pool_stub import PoolStub
from tests.support.provider.deadlines import WITHIN

MEMBERS = "/api/v1/operators/groups/readers/members"

pytestmark = pytest.mark.django_db

BULK = "/admin/accounts/directory/bulk/"


def last() -> tuple[str, str]:
    event = AuditEvent.objects.latest("pk")
    return event.outcome, event.detail


@pytest.mark.parametrize(
    ("action", "operation", "body"),
    [
        ("disable", "AdminDisableUser", {}),
        ("sign-out", "AdminUserGlobalSignOut", {}),
        ("reset-password", "AdminResetUserPassword", {}),
        ("set-temporary-password", "AdminSetUserPassword", {"password": "a temporary one"}),
        ("delete", "AdminDeleteUser", {"email": "ada@example.com"}),
    ],
)
@pytest.mark.parametrize(
    "fault",
    ["reset", *(pytest.param(one, marks=pytest.mark.slow) for one in ("status:503", "html"))],
)
def test_user_loses_access_to_this_site_even_if_the_call_fails(
    api: Api,
    stub: PoolStub,
    ada: DirectoryUser,
    *,
    action: str,
    operation: str,
    body: dict[str, str],
    fault: str,
) -> None:
    session_of(row_of(ada))
    stub.misbehave(operation, fault)
    problem = assert_problem(api.do(action, ada, **body), 503, "signed_out_here_only")
    assert "The action may be incomplete." in problem["detail"]
    assert len(stub.calls(operation)) == 1, "the call is not repeated"
    assert not BrowserSession.objects.exists()
    # It lasts as long as a refresh token can issue tokens.
    revocation = Revocation.objects.get()
    assert (revocation.expires_at - revocation.signed_in_until).days == 31
    assert User.objects.filter(sub=ada.sub).exists(), (
        "the row is kept, because the account may still exist"
    )
    assert last() == ("failure", "signed_out_here_only")


ENDINGS: list[tuple[str, dict[str, str]]] = [
    ("disable", {}),
    ("reset-password", {}),
    ("set-temporary-password", {"password": "a temporary one"}),
]


@pytest.mark.parametrize(
    ("action", "body"), [("sign-out", {}), *ENDINGS, ("delete", {"email": "ada@example.com"})]
)
def test_action_that_ends_sessions_revokes_the_refresh_tokens(
    api: Api, stub: PoolStub, ada: DirectoryUser, *, action: str, body: dict[str, str]
) -> None:
    assert api.do(action, ada, **body).status_code == 204
    # A deleted user cannot get new tokens.
    assert len(stub.calls("AdminUserGlobalSignOut")) == (action != "delete")
    revocation = Revocation.objects.get()
    assert (revocation.expires_at - revocation.signed_in_until).days == 1


@pytest.mark.parametrize("fault", ["status:503", "AccessDeniedException"])
@pytest.mark.parametrize(("action", "body"), ENDINGS)
def test_revocation_lasts_until_no_token_can_be_issued_if_cognito_revokes_none(
    api: Api, stub: PoolStub, ada: DirectoryUser, *, action: str, body: dict[str, str], fault: str
) -> None:
    session_of(row_of(ada))
    stub.tell("AdminUserGlobalSignOut", fault)
    assert api.do(action, ada, **body).status_code == 204
    assert not BrowserSession.objects.exists()
    revocation = Revocation.objects.get()
    assert (revocation.expires_at - revocation.signed_in_until).days == 31


@pytest.mark.parametrize("exception", ["AccessDeniedException", "ResourceNotFoundException"])
def test_call_that_cognito_refuses_to_this_application_changes_nothing(
    api: Api, stub: PoolStub, ada: DirectoryUser, exception: str
) -> None:
    session_of(row_of(ada))
    stub.refuse("AdminDisableUser", exception)
    assert_problem(api.do("disable", ada), 503, "client_refused")
    assert BrowserSession.objects.exists()
    assert last() == ("failure", "client_refused")


@pytest.mark.parametrize(
    ("exception", "status", "code"),
    [
        ("UserNotFoundException", 404, "not_found"),
        ("UnsupportedUserStateException", 409, "wrong_user_state"),
        ("NotAuthorizedException", 409, "wrong_user_state"),
        ("InvalidParameterException", 400, "validation_failed"),
        ("TooManyRequestsException", 429, "throttled"),
        ("InternalErrorException", 503, "signed_out_here_only"),
    ],
)
def test_refusal_of_the_pool_is_reported(
    api: Api, stub: PoolStub, ada: DirectoryUser, *, exception: str, status: int, code: str
) -> None:
    stub.refuse("AdminDisableUser", exception, message="It holds 1 secret.")
    problem = assert_problem(api.do("disable", ada), status, code)
    assert "secret" not in str(problem)
    assert last()[0] == "failure"


@pytest.mark.parametrize(
    ("message", "status", "fields"),
    [
        ("Username cannot be of email format, since user pool is configured for", 503, None),
        ("Attributes did not conform to the schema: x_y: The attribute is required", 503, None),
        ("Attributes did not conform to the schema: name: The attribute is required", 400, "name"),
        ("Invalid phone number format.", 400, "phone_number"),
    ],
)
def test_refused_invitation_blames_the_pool_or_the_field(
    api: Api, stub: PoolStub, message: str, status: int, fields: str | None
) -> None:
    stub.refuse("AdminCreateUser", "InvalidParameterException", message)
    answer = api.post(USERS, email="new@example.com")
    problem = assert_problem(
        answer, status, "validation_failed" if status == 400 else "client_refused"
    )
    assert fields is None or list(problem["errors"]) == [fields]


@pytest.mark.parametrize(
    ("exception", "code"),
    [
        ("UsernameExistsException", "account_exists"),
        ("InternalErrorException", "cognito_unavailable"),
    ],
)
def test_failed_invitation_is_recorded_with_its_address(
    api: Api, stub: PoolStub, exception: str, code: str
) -> None:
    stub.refuse("AdminCreateUser", exception)
    assert api.post(USERS, email="New.User@Example.com").status_code >= 400
    assert_recorded(api, "invite_user", code, subject_label="new.user@example.com")


def test_denied_invitation_is_recorded_with_its_address(api: Api, stub: PoolStub) -> None:
    api.groups = ("operators",)
    Group.objects.get(name="operators").permissions.clear()
    assert api.post(USERS, email="new@example.com").status_code == 403
    assert stub.calls("AdminCreateUser") == []
    assert_recorded(api, "invite_user", "permission_missing", subject_label="new@example.com")


def test_failed_action_is_recorded_with_its_user(
    api: Api, stub: PoolStub, ada: DirectoryUser
) -> None:
    stub.refuse("AdminDisableUser", "UnsupportedUserStateException")
    assert api.do("disable", ada).status_code == 409
    assert_recorded(
        api,
        "disable_user",
        "wrong_user_state",
        subject_sub=ada.sub,
        subject_label="ada@example.com",
    )


def test_action_on_an_unknown_user_is_recorded_with_the_name_it_was_given(
    api: Api, stub: PoolStub
) -> None:
    stub.refuse("AdminGetUser", "UserNotFoundException")
    assert api.post(f"{USERS}/missing/disable").status_code == 404
    assert_recorded(api, "disable_user", "user_not_found", subject_label="missing")


def test_failed_change_of_a_membership_is_recorded_with_user_and_group(
    api: Api, stub: PoolStub, ada: DirectoryUser
) -> None:
    stub.refuse("AdminAddUserToGroup", "InternalErrorException")
    assert api.do("add-to-group", ada, group="readers").status_code == 503
    assert_recorded(
        api,
        "add_to_group",
        "readers: cognito_unavailable",
        subject_sub=ada.sub,
        subject_label="ada@example.com",
    )


@pytest.mark.parametrize(
    ("action", "operation"), [("create_group", "CreateGroup"), ("delete_group", "DeleteGroup")]
)
def test_failed_change_of_a_group_is_recorded_with_its_name(
    api: Api, stub: PoolStub, action: str, operation: str
) -> None:
    stub.refuse(operation, "InternalErrorException")
    groups = "/api/v1/operators/groups"
    if action == "create_group":
        answer = api.post(groups, name="readers")
    else:
        answer = api.delete(f"{groups}/readers")
    assert answer.status_code == 503
    assert_recorded(api, action, "readers: cognito_unavailable", subject_label="readers")


def assert_recorded(
    api: Api, action: str, detail: str, *, subject_sub: str = "", subject_label: str
) -> None:
    """Assert that the latest event is this failure of the operator."""
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.outcome, event.detail) == (action, "failure", detail)
    assert event.actor_sub == api.sub
    assert (event.subject_sub, event.subject_label) == (subject_sub, subject_label)


@pytest.mark.parametrize("action", ["add-to-group", "remove-from-group"])
def test_uncertain_change_of_groups_ends_no_session(
    api: Api, stub: PoolStub, ada: DirectoryUser, action: str
) -> None:
    session_of(row_of(ada))
    operation = {"add-to-group": "AdminAddUserToGroup"}.get(action, "AdminRemoveUserFromGroup")
    stub.misbehave(operation, "reset")
    assert_problem(api.do(action, ada, group="readers"), 503, "transport_error")
    assert BrowserSession.objects.exists()


def test_action_that_cannot_be_recorded_is_logged(
    *,
    api: Api,
    stub: PoolStub,
    ada: DirectoryUser,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise InterfaceError

    monkeypatch.setattr(AuditEvent, "save", fail)
    assert api.do("disable", ada).status_code == 503
    assert len(stub.calls("AdminDisableUser")) == 1
    missing = f"The audit trail lacks an event: disable_user, success, by {api.sub}, of {ada.sub}"
    assert missing in caplog.messages


def test_request_ends_in_time_while_the_pool_hangs(
    api: Api, stub: PoolStub, ada: DirectoryUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "REQUEST", deadlines.Budget(calls=0.4, database=2))
    stub.misbehave("AdminDisableUser", "hang")
    with ends_within(WITHIN):
        assert_problem(api.do("disable", ada), 503, "signed_out_here_only")


@pytest.mark.parametrize(
    ("action", "operation", "body"),
    [
        ("disable", "AdminDisableUser", {}),
        ("delete", "AdminDeleteUser", {"email": "ada@example.com"}),
        ("remove-from-group", "AdminRemoveUserFromGroup", {"group": "admins"}),
    ],
)
def test_last_superuser_keeps_the_rights(
    *,
    api: Api,
    stub: PoolStub,
    ada: DirectoryUser,
    action: str,
    operation: str,
    body: dict[str, str],
) -> None:
    """The action is refused unless the pool reports another superuser."""
    stub.answer("AdminListGroupsForUser", {"Groups": [{"GroupName": "admins"}]})
    stub.answer("GetGroup", {"Group": {"GroupName": "admins"}})
    stub.misbehave("ListUsersInGroup", "status:503")
    assert_problem(api.do(action, ada, **body), 503, "cognito_unavailable")
    stub.refuse("ListUsersInGroup", "ResourceNotFoundException", message="Group not found.")
    assert_problem(api.do(action, ada, **body), 403, "last_superuser")
    stub.answer("ListUsersInGroup", members(ada.sub))
    assert_problem(api.do(action, ada, **body), 403, "last_superuser")
    assert stub.calls(operation) == []
    assert not Revocation.objects.exists()
    stub.answer("ListUsersInGroup", members(ada.sub, "another"))
    assert api.do(action, ada, **body).status_code == 204


def members(*subs: str) -> dict[str, list[dict[str, object]]]:
    """Return the members of a group in the format of ListUsersInGroup."""
    rest = {"Enabled": True, "UserStatus": "CONFIRMED"}
    return {
        "Users": [
            {"Username": sub, "Attributes": [{"Name": "sub", "Value": sub}], **rest} for sub in subs
        ]
    }


def test_expired_cursor_is_refused(api: Api, stub: PoolStub) -> None:
    stub.answer("ListUsers", {"Users": [], "PaginationToken": "of the pool"})
    stub.answer("ListUsersInGroup", {"Users": [], "NextToken": "of the pool"})
    cursors = {path: body_of(api.get(path))["next_cursor"] for path in (USERS, MEMBERS)}
    stub.refuse("ListUsers", "InvalidParameterException")
    stub.refuse("ListUsersInGroup", "InvalidParameterException")
    for path, cursor in cursors.items():
        problem = assert_problem(api.get(f"{path}?cursor={cursor}"), 400, "validation_failed")
        assert list(problem["errors"]) == ["cursor"]


def test_invalid_cursor_is_refused_without_a_call(api: Api, stub: PoolStub) -> None:
    stub.answer("ListUsers", {"Users": [], "PaginationToken": "of the pool"})
    stub.answer("ListUsersInGroup", {"Users": [], "NextToken": "of the pool"})
    of_users, of_members = (body_of(api.get(path))["next_cursor"] for path in (USERS, MEMBERS))
    asked = len(stub.calls("ListUsers")) + len(stub.calls("ListUsersInGroup"))
    for address in (
        f"{USERS}?cursor=x",
        f"{USERS}?cursor={of_members}",
        f"{USERS}?field=name&search=a&cursor={of_users}",
        f"{MEMBERS}?cursor={of_users}",
        f"/api/v1/operators/groups/others/members?cursor={of_members}",
        f"{MEMBERS}?cursor={'0' * 5000}",
    ):
        problem = assert_problem(api.get(address), 400, "validation_failed")
        assert list(problem["errors"]) == ["cursor"], address
    assert len(stub.calls("ListUsers")) + len(stub.calls("ListUsersInGroup")) == asked


def test_bulk_action_continues_over_several_requests(
    api: Api,
    stub: PoolStub,
    client: Client,
    root: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each request acts on a part. The form carries the results, and a forged one is refused."""
    monkeypatch.setattr(deadlines, "BULK_SECONDS", 0.0)
    users = ["a Ada", "b Bob", "c Cleo"]
    form = {"action": ["disable"], "user": users, "sure": ["yes"]}
    for number in (1, 2, 3):
        page = client.post(BULK, form).content.decode()
        assert f"{number} of 3" in page
        assert page.count("<td>Yes</td>") == number
        assert len(stub.calls("AdminDisableUser")) == number
        form = hidden_fields(page)
        assert (form.get("user"), "bulk.js" in page) == {
            1: (["b Bob", "c Cleo"], True),
            2: (["c Cleo"], True),
            3: (None, False),
        }[number]
    forged = {"action": "disable", "user": ["d D"], "sure": "yes", "carried": "x:y:z"}
    assert client.post(BULK, forged).status_code == 400
    assert len(stub.calls("AdminDisableUser")) == 3


def hidden_fields(page: str) -> dict[str, list[str]]:
    """Return the hidden fields of the form that continues the action."""
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page):
        if name != "csrfmiddlewaretoken":
            fields.setdefault(name, []).append(value)
    return fields
