"""Users of an old Django site sign in here with their old password, at the hosted UI and by API.

All parts are real processes: the old site, the local Cognito with the function of the template, the
local hosted UI, and Gatehouse.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.login_process import login_server
from infra.local.migration import SECRET
from infra.local.ministack import REGION, MiniStack
from infra.local.pool import provision_pool
from infra.local.ports import free_port
from tests.local_cognito.aws.operations.conftest import TestPool
from tests.support.application import Stack, directory_of_run, running_application
from tests.support.old_site.process import KEY, KEY_ID, OldSite, running

pytestmark = pytest.mark.ministack

PASSWORD = "an old password"
SHORT = "kurz"
USERS: list[dict[str, Any]] = [
    *(
        {"email": f"{name}@example.com", "raw": PASSWORD, "first_name": name.title()}
        for name in ("ann", "bob", "cem", "dan", "eve")
    ),
    {"email": "Upper@Example.com", "raw": PASSWORD, "first_name": "Una", "is_superuser": True},
    {"email": "short@example.com", "raw": SHORT},
    {"email": "long@example.com", "raw": "x" * 200},
    {"email": "accent@example.com", "raw": "pässwörd"},
    {"email": "inactive@example.com", "raw": PASSWORD, "is_active": False},
    {"email": "forgot@example.com", "raw": PASSWORD},
]
SIGN_IN_FAILED = "Incorrect username or password."


@dataclass(frozen=True)
class Move:
    """The old site, and the pool that its users come to."""

    stack: Stack
    old: OldSite
    pool: TestPool

    def events(self, since: float = 0) -> str:
        """Return what the function has logged."""
        logs: Any = self.client("logs")
        groups = logs.describe_log_groups()["logGroups"]
        return "\n".join(
            event["message"]
            for group in groups
            for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
            if event["timestamp"] >= since * 1000
        )

    def client(self, service: str) -> Any:
        import boto3  # noqa: PLC0415

        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.stack.aws.endpoint_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def exists(self, email: str) -> bool:
        try:
            self.pool.attributes(email)
        except self.pool.cognito.exceptions.UserNotFoundException:
            return False
        return True

    @contextmanager
    def function_with(self, **variables: str) -> Iterator[None]:
        """Change the variables of the function during the block."""
        functions = self.client("lambda")
        pool = self.pool.cognito.describe_user_pool(UserPoolId=self.pool.user_pool_id)
        name = pool["UserPool"]["LambdaConfig"]["UserMigration"]
        before = functions.get_function_configuration(FunctionName=name)["Environment"]
        changed = {"Variables": {**before["Variables"], **variables}}
        functions.update_function_configuration(FunctionName=name, Environment=changed)
        # A new instance starts. The time limits of a test begin after that.
        event = json.dumps({"triggerSource": "another"}).encode()
        functions.invoke(FunctionName=name, Payload=event)
        try:
            yield
        finally:
            functions.update_function_configuration(FunctionName=name, Environment=before)

    def refuses(self, email: str, password: str = PASSWORD) -> str:
        """Require the ordinary failure, and return what the function has logged."""
        began = time.time()
        with pytest.raises(self.pool.cognito.exceptions.NotAuthorizedException) as refused:
            self.pool.signs_in(email, password)
        assert refused.value.response["Error"]["Message"] == SIGN_IN_FAILED
        # The function may still run, and its log comes when it has ended.
        while "REPORT RequestId" not in (told := self.events(began)):
            assert time.time() < began + 20
            time.sleep(0.1)
        return told


@pytest.fixture(scope="module")
def move(shared_ministack: MiniStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Move]:
    directory = tmp_path_factory.mktemp("move")
    shared_ministack.reset()
    limits: dict[str, Any] = {"ACCOUNT_LIMIT": [5, 3600], "SOURCE_LIMIT": [100_000, 3600]}
    attributes = {"name": "get_full_name", "custom:staff": "is_superuser"}
    with (
        running(directory, USERS, **limits, ATTRIBUTES=attributes) as old,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setenv("MIGRATION_URL", old.url)
        patched.setenv("MIGRATION_KEY_ID", KEY_ID)
        patched.setenv("MIGRATION_KEY", KEY)
        port, login_port = free_port(), free_port()
        public_url, login_url = f"http://localhost:{port}", f"http://localhost:{login_port}"
        pool = provision_pool(shared_ministack, public_url=public_url, login_url=login_url)
        cognito: Any = shared_ministack.cognito()
        # A client of the API without a secret, so that the test needs no hash of it.
        client = cognito.create_user_pool_client(
            UserPoolId=pool.user_pool_id,
            ClientName="test",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH"],
            PreventUserExistenceErrors="ENABLED",
        )["UserPoolClient"]["ClientId"]
        log = directory / "login.log"
        with login_server(shared_ministack, pool, port=login_port, log=log, public_url=public_url):
            run = directory_of_run(tmp_path_factory)
            stack = Stack(shared_ministack, pool, port, login_url, log, "", run)
            with running_application(stack, directory):
                test_pool = TestPool(shared_ministack, cognito, pool.user_pool_id, client)
                yield Move(stack, old, test_pool)


def test_first_sign_in_at_the_hosted_ui_creates_the_user(move: Move) -> None:
    browser = requests.Session()
    asked = move.old.hashes()

    def signs_in() -> requests.Response:
        page = browser.get(f"{move.stack.public_url}/accounts/login/", timeout=30)
        action = re.search(r'action="([^"]*/login[^"]*)"', page.text)
        assert action is not None
        address = action[1].replace("&amp;", "&")
        url = address if address.startswith("http") else f"{move.stack.login_url}{address}"
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        form = {**fields, "username": "Ann@Example.com", "password": PASSWORD}
        return browser.post(url, data=form, headers={"Origin": move.stack.login_url}, timeout=30)

    answer = signs_in()
    assert answer.url.startswith(move.stack.public_url), answer.text
    profile = browser.get(f"{move.stack.public_url}/accounts/profile/", timeout=30)
    assert "ann@example.com" in profile.text
    assert "Ann" in profile.text
    assert move.old.hashes() == asked + 1
    user = move.pool.cognito.admin_get_user(
        UserPoolId=move.pool.user_pool_id, Username="ann@example.com"
    )
    assert user["UserStatus"] == "CONFIRMED"
    assert move.pool.attributes("ann@example.com") | {"sub": ""} == {
        "sub": "",
        "email": "ann@example.com",
        "email_verified": "true",
        "name": "Ann",
        "custom:former_id": "1",
    }
    assert move.pool.mails("ann@example.com") == [], "no invitation and no code"
    browser.cookies.clear()
    assert signs_in().url.startswith(move.stack.public_url)
    assert move.old.hashes() == asked + 1, "the second sign-in does not ask the old site"


def test_first_sign_in_by_the_api_creates_the_user(move: Move) -> None:
    asked = move.old.hashes()

    def signs_in(password: str) -> requests.Response:
        return requests.post(
            f"{move.stack.public_url}/api/v1/auth/sign-in",
            json={"email": "bob@example.com", "password": password},
            timeout=30,
        )

    refused = signs_in("wrong")
    unknown = requests.post(
        f"{move.stack.public_url}/api/v1/auth/sign-in",
        json={"email": "unknown@example.com", "password": PASSWORD},
        timeout=30,
    )
    assert refused.status_code == unknown.status_code == 401
    assert refused.json()["code"] == unknown.json()["code"]
    first = signs_in(PASSWORD)
    assert first.status_code == 200, first.text
    assert first.json()["access_token"]
    assert move.old.hashes() == asked + 3
    assert signs_in(PASSWORD).status_code == 200
    assert move.old.hashes() == asked + 3, "the second sign-in does not ask the old site"


@pytest.mark.parametrize(
    ("typed", "password"),
    [
        ("upper@example.com", PASSWORD),
        ("short@example.com", SHORT),
        ("long@example.com", "x" * 200),
        ("accent@example.com", "pa\u0308sswo\u0308rd"),
    ],
)
def test_unusual_user_comes_along(move: Move, typed: str, password: str) -> None:
    assert move.pool.signs_in(typed, password)["AccessToken"]
    assert move.pool.signs_in(typed, password)["AccessToken"]
    known = move.pool.attributes(typed)
    assert known["email"] == typed
    assert "custom:staff" not in known, "the pool takes listed attributes only"


def test_user_comes_along_with_a_forgotten_password(move: Move) -> None:
    email, new = "forgot@example.com", "A-new-password-1"
    move.pool.cognito.forgot_password(ClientId=move.pool.client_id, Username=email)
    move.pool.cognito.confirm_forgot_password(
        ClientId=move.pool.client_id,
        Username=email,
        ConfirmationCode=move.pool.code(email),
        Password=new,
    )
    assert move.pool.signs_in(email, new)["AccessToken"]
    assert move.pool.attributes(email)["custom:former_id"]


def test_unknown_and_inactive_users_are_not_created(move: Move) -> None:
    for email in ("unknown@example.com", "inactive@example.com"):
        assert "No user was brought along" not in move.refuses(email)
        move.pool.cognito.forgot_password(ClientId=move.pool.client_id, Username=email)
        assert not move.exists(email)


@contextmanager
def other_site(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Answer one connection during the block, and yield the address."""

    def run() -> None:
        connection, _ = server.accept()
        # The function closes a connection that takes too long.
        with connection, suppress(OSError):
            answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=run)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/migration/"
        thread.join()


# --- Faults: Cognito's user sees an ordinary failure, and the log says why ---


def test_old_site_that_is_down_refuses_the_sign_in(move: Move) -> None:
    with move.function_with(URL=f"http://127.0.0.1:{free_port()}/migration/"):
        assert "the site is unavailable (ConnectionRefusedError)" in move.refuses("cem@example.com")
    assert not move.exists("cem@example.com")


def test_old_site_that_does_not_answer_in_time_refuses_the_sign_in(move: Move) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/migration/"
        with move.function_with(URL=url):
            began = time.monotonic()
            assert "no answer within 3.4 s" in move.refuses("cem@example.com")
            assert time.monotonic() - began < 5
    assert not move.exists("cem@example.com")


def test_old_site_that_answers_byte_by_byte_refuses_the_sign_in(move: Move) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(50):
            connection.sendall(b"X: y\r\n")
            time.sleep(0.1)

    with other_site(drip) as url, move.function_with(URL=url):
        assert "no answer within 3.4 s" in move.refuses("cem@example.com")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        ("200 OK", b"{", "the site answered 200 (no JSON object)"),
        ("200 OK", b"[1]", "the site answered 200 (no JSON object)"),
        ("302 Found\r\nLocation: http://127.0.0.1:1/", b"", "the site answered 302"),
        ("500 Oops", b"<html>", "the site answered 500 (no JSON object)"),
        (
            "200 OK",
            json.dumps({"known": True, "attributes": {"email": "eve@example.com"}}).encode(),
            "the site answered with another address",
        ),
        ("200 OK", b'{"known": true, "attributes": null}', "another address"),
    ],
    ids=["malformed", "list", "redirect", "fault", "another", "none"],
)
def test_unexpected_answer_of_the_old_site_refuses_the_sign_in(
    move: Move, status: str, body: bytes, reason: str
) -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        length = f"Content-Length: {len(body)}\r\n\r\n"
        connection.sendall(f"HTTP/1.1 {status}\r\n{length}".encode() + body)

    with other_site(answer) as url, move.function_with(URL=url):
        assert reason in move.refuses("cem@example.com")
    assert not move.exists("cem@example.com")


def test_wrong_key_refuses_the_sign_in(move: Move) -> None:
    hashes = move.old.hashes()
    with move.function_with(KEY="another key, which has the right length"):
        assert "the site answered 401 (refused)" in move.refuses("cem@example.com")
    with move.function_with(KEY_ID="unknown"):
        assert "the site answered 401 (refused)" in move.refuses("cem@example.com")
    assert move.old.hashes() == hashes


def test_site_that_is_switched_off_refuses_the_sign_in(move: Move, tmp_path: Path) -> None:
    with (
        running(tmp_path, USERS, UNTIL="2026-01-31") as old,
        move.function_with(URL=old.url),
    ):
        assert "the site answered 410 (switched off)" in move.refuses("cem@example.com")


def test_many_wrong_passwords_are_limited(move: Move) -> None:
    for _ in range(5):
        assert "No user was brought along" not in move.refuses("dan@example.com", "wrong")
    reason = "the site answered 429 (too many wrong attempts for one address)"
    assert reason in move.refuses("dan@example.com", PASSWORD)
    move.old.forget_attempts()
    assert move.pool.signs_in("dan@example.com", PASSWORD)["AccessToken"]


def test_password_and_key_are_in_no_log(move: Move) -> None:
    with move.function_with(URL=f"http://127.0.0.1:{free_port()}/"):
        move.refuses("cem@example.com", "typed-password-of-cem")
    for text in (move.events(), move.old.written(), move.stack.login_log.read_text()):
        assert "typed-password-of-cem" not in text
        assert PASSWORD not in text
        assert KEY not in text


def test_function_may_write_its_log_and_nothing_else(move: Move) -> None:
    functions, iam = move.client("lambda"), move.client("iam")
    pool = move.pool.cognito.describe_user_pool(UserPoolId=move.pool.user_pool_id)
    name = pool["UserPool"]["LambdaConfig"]["UserMigration"]
    function = functions.get_function_configuration(FunctionName=name)
    assert function["Timeout"] == 4
    role = function["Role"].rpartition("/")[2]
    [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    assert [one["Action"] for one in document["Statement"]] == [
        ["logs:CreateLogStream", "logs:PutLogEvents"]
    ]
    assert move.client("secretsmanager").get_secret_value(SecretId=SECRET)
