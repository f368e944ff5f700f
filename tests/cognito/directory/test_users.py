"""Tests of the operations on a user pool for operators, with a user pool of MiniStack."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace

import boto3
import pytest
import requests

from cognito import deadlines
from cognito.deadlines import Budget
from cognito.directory.records import DirectoryUser
from cognito.directory.search import DISABLED, ENABLED, Search
from cognito.directory.users import Directory
from cognito.errors import (
    AccountExists,
    ClientRefused,
    CognitoUnavailable,
    GroupExists,
    GroupNotFound,
    InvalidParameter,
    MalformedAnswer,
    PasswordRefused,
    UserNotFound,
    WrongUserState,
)
from cognito.user_pool.aws_clients import AWSClients
from cognito.user_pool.service import PoolService
from infra.local.ministack import REGION, SECRET_ACCESS_KEY
from tests.support.application import Stack
from tests.support.pool_stub import PoolStub
from tests.support.provider.server import Server

pytestmark = [pytest.mark.ministack, pytest.mark.usefixtures("aws_credentials")]


def directory_at(
    endpoint_url: str, user_pool_id: str, *, clients: AWSClients, seconds: float = 2.0
) -> Directory:
    service = PoolService(REGION, endpoint_url, seconds, is_signed=True, clients=clients)
    return Directory(service, user_pool_id)


@pytest.fixture
def directory(stack: Stack, aws_clients: AWSClients) -> Directory:
    return directory_at(stack.aws.endpoint_url, stack.pool.user_pool_id, clients=aws_clients)


@pytest.fixture
def user(directory: Directory) -> DirectoryUser:
    return directory.invite(email=f"{uuid.uuid4()}@example.com", name="Ada Lovelace")


@pytest.fixture(scope="module")
def crowd(stack: Stack, aws_clients: AWSClients) -> Directory:
    """Return a separate user pool with 1,000 users. Every tenth is disabled."""
    cognito = stack.aws.cognito()
    pool_id = cognito.create_user_pool(PoolName="crowd")["UserPool"]["Id"]
    for number in range(1000):
        name = f"user-{number:04}"
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=name,
            UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
            MessageAction="SUPPRESS",
        )
        if number % 10 == 0:
            cognito.admin_disable_user(UserPoolId=pool_id, Username=name)
    return directory_at(stack.aws.endpoint_url, pool_id, clients=aws_clients)


def invitations_to(stack: Stack, email: str) -> int:
    return stack_mail(stack).count(email)


def stack_mail(stack: Stack) -> str:
    return requests.get(f"{stack.aws.endpoint_url}/_ministack/ses/messages", timeout=5).text


def test_invited_user_exists_and_receives_an_email(directory: Directory, stack: Stack) -> None:
    email = f"{uuid.uuid4()}@example.com"
    made = directory.invite(email=email, name="Ada", phone_number="+4915112345678")
    found = directory.user(made.username)
    assert (found.email, found.name, found.phone_number) == (email, "Ada", "+4915112345678")
    assert (found.status, found.is_enabled, found.email_verified) == (
        "FORCE_CHANGE_PASSWORD",
        True,
        True,
    )
    assert found.created_at is not None
    assert found.label == email
    assert email in stack_mail(stack)
    assert found == directory.user(email), "an alias finds the same user"
    with pytest.raises(AccountExists):
        directory.invite(email=email)


def test_invitation_can_be_sent_again(
    directory: Directory, user: DirectoryUser, stack: Stack
) -> None:
    before = invitations_to(stack, user.email)
    directory.resend_invitation(user)
    assert invitations_to(stack, user.email) > before
    with pytest.raises(UserNotFound):
        directory.resend_invitation(replace(user, username="absent@example.com"))


def test_user_is_disabled_and_enabled(directory: Directory, user: DirectoryUser) -> None:
    directory.disable(user.username)
    assert not directory.user(user.username).is_enabled
    directory.enable(user.username)
    assert directory.user(user.username).is_enabled


def test_user_is_confirmed_and_the_password_set_and_reset(
    directory: Directory, user: DirectoryUser
) -> None:
    directory.confirm(user.username)
    assert directory.user(user.username).status == "CONFIRMED"
    directory.set_temporary_password(user.username, "a good temporary one")
    assert directory.user(user.username).status == "FORCE_CHANGE_PASSWORD"
    with pytest.raises(PasswordRefused):
        directory.set_temporary_password(user.username, "short")
    directory.force_password_reset(user.username)
    assert directory.user(user.username).status == "RESET_REQUIRED"


def test_group_is_created_changed_and_deleted(directory: Directory, user: DirectoryUser) -> None:
    name = f"group-{uuid.uuid4()}"
    made = directory.create_group(name, description="For a test")
    assert (made.name, made.description, made.has_role) == (name, "For a test", False)
    assert directory.group(name) == made
    assert made in directory.groups()
    with pytest.raises(GroupExists):
        directory.create_group(name)

    directory.add_to_group(user.username, name)
    assert [group.name for group in directory.groups_of(user.username)] == [name]
    assert [one.username for one in directory.members(name).users] == [user.username]
    directory.remove_from_group(user.username, name)
    assert directory.groups_of(user.username) == []

    directory.delete_group(name)
    for call in (directory.group, directory.delete_group, directory.members):
        with pytest.raises(GroupNotFound):
            call(name)
    with pytest.raises(GroupNotFound):
        directory.add_to_group(user.username, name)


def test_deleted_user_is_not_found(directory: Directory, user: DirectoryUser) -> None:
    directory.sign_out_everywhere(user.username)
    directory.delete(user.username)
    for call in (
        directory.user,
        directory.groups_of,
        directory.disable,
        directory.enable,
        directory.confirm,
        directory.delete,
        directory.force_password_reset,
        directory.sign_out_everywhere,
    ):
        with pytest.raises(UserNotFound):
            call(user.username)


def test_pages_of_a_large_pool_list_each_user_once(crowd: Directory) -> None:
    seen: list[str] = []
    token = None
    for _ in range(30):
        page = crowd.list_users(Search(), limit=60, token=token)
        seen += [user.username for user in page.users]
        token = page.next_token
        if token is None:
            break
    assert len(seen) == len(set(seen)) == 1000


@pytest.mark.parametrize("field", ["email", "username"])
def test_search_finds_a_user_by_a_prefix_in_a_large_pool(crowd: Directory, field: str) -> None:
    page = crowd.list_users(
        Search(field, "User-0123" if field == "email" else "user-0123"), limit=20
    )
    assert [user.username for user in page.users] == ["user-0123"]
    assert page.next_token is None


def test_status_filters_the_results_of_a_search(crowd: Directory) -> None:
    disabled = crowd.list_users(Search("email", "user-012", DISABLED), limit=20)
    assert [user.username for user in disabled.users] == ["user-0120"]
    enabled = crowd.list_users(Search("email", "user-012", ENABLED), limit=20)
    assert len(enabled.users) == 9
    invited = crowd.list_users(Search(status="FORCE_CHANGE_PASSWORD"), limit=20)
    assert len(invited.users) == 20


def test_users_of_another_status_are_removed_from_the_answer(crowd: Directory) -> None:
    # MiniStack ignores a filter for a status of the user pool, and returns all users.
    page = crowd.list_users(Search(status="CONFIRMED"), limit=20)
    assert page.users == []
    assert page.next_token is not None, "the search stops long before the end of the pool"


@pytest.mark.parametrize("prefix", ['"', "\\", '" or "', "%", "ü", "a" * 200])
def test_search_accepts_any_text(crowd: Directory, prefix: str) -> None:
    assert crowd.list_users(Search("name", prefix), limit=20).users == []


def test_search_text_is_quoted_in_the_filter() -> None:
    assert Search("name", 'a"b\\').filter() == 'name ^= "a\\"b\\\\"'
    assert Search(status=DISABLED).filter() == 'status = "Disabled"'
    assert Search().filter() == ""
    with pytest.raises(ValueError, match="searched by"):
        Search('email" or "sub')


@pytest.fixture
def stubbed(cognito_server: Server, stub: PoolStub, aws_clients: AWSClients) -> Directory:
    """Return the directory of the user pool that `stub` stands for."""
    return directory_at(cognito_server.url, "pool", clients=aws_clients)


def test_call_is_signed_and_sent_once(stubbed: Directory, stub: PoolStub) -> None:
    stub.misbehave("AdminDisableUser", "status:503")
    with pytest.raises(CognitoUnavailable):
        stubbed.disable("ada")
    (call,) = stub.received
    authorization = str(call.headers["Authorization"])
    assert authorization.startswith("AWS4-HMAC-SHA256 Credential=test/")
    assert SECRET_ACCESS_KEY not in authorization.split("Signature=")[1]


def test_call_without_credentials_is_not_sent(
    cognito_server: Server, stub: PoolStub, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, f"{tmp_path}/none")
    directory = directory_at(cognito_server.url, "pool", clients=AWSClients())
    with pytest.raises(ClientRefused):
        directory.disable("ada")
    assert stub.received == []
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "later")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "given")
    directory.disable("ada")
    assert stub.operations == ["AdminDisableUser"]


def test_loading_boto3_does_not_count_as_waiting_for_credentials(
    cognito_server: Server, stub: PoolStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = boto3.Session

    def load_slowly() -> boto3.Session:
        time.sleep(0.3)
        return load()

    monkeypatch.setattr(boto3, "Session", load_slowly)
    with deadlines.running(Budget(calls=0.2, database=0.3)):
        directory_at(cognito_server.url, "pool", clients=AWSClients()).disable("ada")
    assert stub.operations == ["AdminDisableUser"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("AccessDeniedException", ClientRefused),
        ("UnrecognizedClientException", ClientRefused),
        ("ResourceNotFoundException", ClientRefused),
        ("NotAuthorizedException", WrongUserState),
        ("UnsupportedUserStateException", WrongUserState),
        ("InvalidParameterException", InvalidParameter),
        ("InternalErrorException", CognitoUnavailable),
    ],
)
def test_exception_of_the_api_becomes_its_error(
    stubbed: Directory, stub: PoolStub, name: str, error: type[Exception]
) -> None:
    stub.refuse("AdminDisableUser", name)
    with pytest.raises(error):
        stubbed.disable("ada")


@pytest.mark.parametrize(
    "members",
    [
        [],
        {},
        {"Users": None},
        {"Users": [None]},
        {"Users": 5},
        {"Users": [5]},
        {"Users": [{}]},
        {"Users": [{"Username": "ada", "Attributes": [5]}]},
        {"Users": [{"Username": "ada", "Attributes": [None]}]},
        {"Users": [{"Username": 5, "Attributes": [{"Name": "sub", "Value": "x"}]}]},
        {"Users": [{"Username": "ada", "Attributes": [{"Name": "sub", "Value": {}}]}]},
        {"Users": [{"Username": "ada"}]},
        {"Users": [{"Username": "ada", "Attributes": []}]},
    ],
)
def test_answer_without_valid_users_is_malformed(
    stubbed: Directory, stub: PoolStub, members: object
) -> None:
    stub.answer("ListUsers", members)
    with pytest.raises(MalformedAnswer):
        stubbed.list_users(Search(), limit=20)


@pytest.mark.parametrize("members", [{}, {"User": {}}, {"Group": {}}, {"Group": 1}])
def test_answer_without_the_created_user_or_group_is_malformed(
    stubbed: Directory, stub: PoolStub, members: object
) -> None:
    stub.answer("AdminCreateUser", members)
    stub.answer("CreateGroup", members)
    with pytest.raises(MalformedAnswer):
        stubbed.invite(email="ada@example.com")
    with pytest.raises(MalformedAnswer):
        stubbed.create_group("group")


def test_each_invitation_has_a_temporary_password_of_its_own(
    stubbed: Directory, stub: PoolStub
) -> None:
    attributes = [{"Name": "sub", "Value": "s"}, {"Name": "email", "Value": "ada@example.com"}]
    stub.answer("AdminCreateUser", {"User": {"Username": "s", "Attributes": attributes}})
    user = stubbed.invite(email="ada@example.com")
    stubbed.resend_invitation(user)
    passwords = [call["TemporaryPassword"] for call in stub.calls("AdminCreateUser")]
    assert len(set(passwords)) == 2


def test_search_without_results_stops_after_three_calls(stubbed: Directory, stub: PoolStub) -> None:
    stub.answer("ListUsers", {"Users": [], "PaginationToken": "more"})
    page = stubbed.list_users(Search("name", "x"), limit=20)
    assert (page.users, page.next_token) == ([], "more")
    assert len(stub.received) == 3


def test_list_of_groups_that_never_ends_stops_after_ten_calls(
    stubbed: Directory, stub: PoolStub
) -> None:
    stub.answer("ListGroups", {"Groups": [{"GroupName": "a"}], "NextToken": "more"})
    assert len(stubbed.groups()) == len(stub.received) == 10
