"""The operator's client of the user pool, against a real one on MiniStack."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

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
from infra.local.ministack import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY
from tests.support.gatehouse import Stack

pytestmark = pytest.mark.ministack


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)


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
    """A pool of its own with 1,000 users in it, every tenth of them disabled."""
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


def test_an_invited_user_is_there_and_has_mail(directory: Directory, stack: Stack) -> None:
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


def test_an_invitation_can_be_sent_again(
    directory: Directory, user: DirectoryUser, stack: Stack
) -> None:
    before = invitations_to(stack, user.email)
    directory.resend_invitation(user)
    assert invitations_to(stack, user.email) > before
    with pytest.raises(UserNotFound):
        directory.resend_invitation(replace(user, username="nobody@example.com"))


def test_a_user_is_disabled_and_enabled(directory: Directory, user: DirectoryUser) -> None:
    directory.disable(user.username)
    assert not directory.user(user.username).is_enabled
    directory.enable(user.username)
    assert directory.user(user.username).is_enabled


def test_passwords_are_set_and_reset(directory: Directory, user: DirectoryUser) -> None:
    directory.confirm(user.username)
    assert directory.user(user.username).status == "CONFIRMED"
    directory.set_temporary_password(user.username, "a good temporary one")
    assert directory.user(user.username).status == "FORCE_CHANGE_PASSWORD"
    with pytest.raises(PasswordRefused):
        directory.set_temporary_password(user.username, "short")
    directory.force_password_reset(user.username)
    assert directory.user(user.username).status == "RESET_REQUIRED"


def test_groups_are_made_filled_emptied_and_deleted(
    directory: Directory, user: DirectoryUser
) -> None:
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


def test_who_is_deleted_is_gone(directory: Directory, user: DirectoryUser) -> None:
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


def test_a_large_pool_is_paged_through_without_missing_anybody(crowd: Directory) -> None:
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
def test_the_beginning_of_a_name_finds_it_in_a_large_pool(crowd: Directory, field: str) -> None:
    page = crowd.list_users(
        Search(field, "User-0123" if field == "email" else "user-0123"), limit=20
    )
    assert [user.username for user in page.users] == ["user-0123"]
    assert page.next_token is None


def test_a_status_narrows_down_what_a_search_finds(crowd: Directory) -> None:
    disabled = crowd.list_users(Search("email", "user-012", DISABLED), limit=20)
    assert [user.username for user in disabled.users] == ["user-0120"]
    enabled = crowd.list_users(Search("email", "user-012", ENABLED), limit=20)
    assert len(enabled.users) == 9
    invited = crowd.list_users(Search(status="FORCE_CHANGE_PASSWORD"), limit=20)
    assert len(invited.users) == 20


def test_what_the_service_does_not_filter_by_is_filtered_here(crowd: Directory) -> None:
    """MiniStack gives everyone for a status of the pool; what comes is still right."""
    page = crowd.list_users(Search(status="CONFIRMED"), limit=20)
    assert page.users == []
    assert page.next_token is not None, "and it stopped long before the end of the pool"


@pytest.mark.parametrize("prefix", ['"', "\\", '" or "', "%", "ü", "a" * 200])
def test_a_search_takes_any_text(crowd: Directory, prefix: str) -> None:
    assert crowd.list_users(Search("name", prefix), limit=20).users == []


def test_what_the_filter_is_made_of_is_quoted() -> None:
    assert Search("name", 'a"b\\').filter() == 'name ^= "a\\"b\\\\"'
    assert Search(status=DISABLED).filter() == 'status = "Disabled"'
    assert Search().filter() == ""
    with pytest.raises(ValueError, match="searched by"):
        Search('email" or "sub')


class Answers(HTTPServer):
    """Answers every call with the same thing, and keeps what it was asked."""

    status, body = 200, b"{}"

    def __init__(self, clients: AWSClients) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.clients = clients
        self.calls: list[dict[str, str]] = []

    def directory(self, *, clients: AWSClients | None = None, seconds: float = 2.0) -> Directory:
        url = f"http://127.0.0.1:{self.server_port}"
        return directory_at(url, "pool", clients=clients or self.clients, seconds=seconds)


class _Handler(BaseHTTPRequestHandler):
    server: Answers

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(dict(self.headers.items()))
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        pass


@pytest.fixture(scope="module")
def answer_server(aws_clients: AWSClients) -> Iterator[Answers]:
    server = Answers(aws_clients)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def answers(answer_server: Answers) -> Answers:
    """The same server for all tests: a client of boto3's for each address takes its time."""
    answer_server.status, answer_server.body = 200, b"{}"
    answer_server.calls.clear()
    return answer_server


def test_calls_are_signed_and_sent_once(answers: Answers) -> None:
    answers.status = 503
    with pytest.raises(CognitoUnavailable):
        answers.directory().disable("ada")
    (call,) = answers.calls
    assert call["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=test/")
    assert SECRET_ACCESS_KEY not in call["Authorization"].split("Signature=")[1]


def test_without_credentials_nothing_is_sent(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, f"{tmp_path}/none")
    directory = answers.directory(clients=AWSClients())
    with pytest.raises(ClientRefused):
        directory.disable("ada")
    assert answers.calls == []
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "later")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "given")
    directory.disable("ada")
    assert len(answers.calls) == 1


def test_loading_boto3_takes_none_of_the_time_to_wait_for_credentials(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = boto3.Session

    def load_slowly() -> boto3.Session:
        time.sleep(0.3)
        return load()

    monkeypatch.setattr(boto3, "Session", load_slowly)
    with deadlines.running(Budget(calls=0.2, database=0.3)):
        answers.directory(clients=AWSClients()).disable("ada")
    assert len(answers.calls) == 1


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
def test_errors_are_told_apart(answers: Answers, name: str, error: type[Exception]) -> None:
    answers.status = 400
    answers.body = f'{{"__type": "{name}", "message": "No."}}'.encode()
    with pytest.raises(error):
        answers.directory().disable("ada")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"Users": null}',
        b'{"Users": [null]}',
        b'{"Users": 5}',
        b'{"Users": [5]}',
        b'{"Users": [{}]}',
        b'{"Users": [{"Username": "ada", "Attributes": [5]}]}',
        b'{"Users": [{"Username": "ada", "Attributes": [null]}]}',
        b'{"Users": [{"Username": 5, "Attributes": [{"Name": "sub", "Value": "x"}]}]}',
        b'{"Users": [{"Username": "ada", "Attributes": [{"Name": "sub", "Value": {}}]}]}',
        b'{"Users": [{"Username": "ada"}]}',
        b'{"Users": [{"Username": "ada", "Attributes": []}]}',
    ],
)
def test_an_answer_without_users_is_no_empty_pool(answers: Answers, body: bytes) -> None:
    answers.body = body
    with pytest.raises(MalformedAnswer):
        answers.directory().list_users(Search(), limit=20)


@pytest.mark.parametrize("body", [b"{}", b'{"User": {}}', b'{"Group": {}}', b'{"Group": 1}'])
def test_what_was_not_made_is_not_taken_for_made(answers: Answers, body: bytes) -> None:
    answers.body = body
    with pytest.raises(MalformedAnswer):
        answers.directory().invite(email="ada@example.com")
    with pytest.raises(MalformedAnswer):
        answers.directory().create_group("group")


def test_a_search_that_finds_nobody_stops(answers: Answers) -> None:
    answers.body = b'{"Users": [], "PaginationToken": "more"}'
    page = answers.directory().list_users(Search("name", "x"), limit=20)
    assert (page.users, page.next_token) == ([], "more")
    assert len(answers.calls) == 3


def test_a_service_that_lists_groups_for_ever_is_not_asked_for_ever(answers: Answers) -> None:
    answers.body = b'{"Groups": [{"GroupName": "a"}], "NextToken": "more"}'
    assert len(answers.directory().groups()) == len(answers.calls) == 10
