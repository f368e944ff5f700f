"""Operators and users of a real pool on MiniStack, and of a stub of the pool."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import conf
from accounts.models import AuditEvent, BrowserSession, User
from accounts.sessions import authentication, browser_sessions
from cognito.directory.records import DirectoryUser
from cognito.directory.users import Directory
from cognito.errors import UserNotFound
from cognito.testing import TokenFactory
from tests.support.application import Stack
from tests.support.caller import Caller
from tests.support.pool_stub import PoolStub
from tests.support.pool_stub import user as described
from tests.support.tokens import tokens_of

ROOT_GROUP = "admins"
USERS = "/api/v1/operators/users"


@pytest.fixture
def pool(stack: Stack, settings: Settings, known_keys: None, aws_credentials: None) -> Directory:
    """Make the application use the pool on MiniStack, and signing keys of the tests."""
    settings.COGNITO_USER_POOL_ID = stack.pool.user_pool_id
    settings.AWS_ENDPOINT_URL = stack.aws.endpoint_url
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({ROOT_GROUP})
    return conf.directory()


@pytest.fixture
def root_group(pool: Directory) -> Iterator[str]:
    """An empty group whose members are superusers."""
    pool.create_group(ROOT_GROUP)
    yield ROOT_GROUP
    pool.delete_group(ROOT_GROUP)


@pytest.fixture
def new_group(pool: Directory) -> Iterator[str]:
    """An empty group that gives no rights."""
    name = f"group-{uuid.uuid4()}"
    pool.create_group(name)
    yield name
    pool.delete_group(name)


@pytest.fixture
def new_user(pool: Directory) -> Iterator[Callable[..., DirectoryUser]]:
    """Creates users for one test, and deletes them: lists of members show only one page."""
    made: list[DirectoryUser] = []

    def make(*groups: str, name: str = "Ada Lovelace") -> DirectoryUser:
        user = pool.invite(email=f"{uuid.uuid4()}@example.com", name=name)
        made.append(user)
        for group in groups:
            pool.add_to_group(user.username, group)
        return user

    yield make
    for user in made:
        with suppress(UserNotFound):
            pool.delete(user.username)


@dataclass
class Api:
    """The API for a caller with a token."""

    call: Caller
    tokens: TokenFactory
    groups: tuple[str, ...]

    @property
    def sub(self) -> str:
        return self.tokens.sub

    @property
    def token(self) -> str:
        return self.tokens.access({"cognito:groups": list(self.groups)})

    def get(self, path: str) -> HttpResponse:
        return self.call(self.token, path)

    def post(self, path: str, **body: object) -> HttpResponse:
        return self.call(self.token, path, method="POST", body=body)

    def delete(self, path: str) -> HttpResponse:
        return self.call(self.token, path, method="DELETE")

    def do(self, action: str, user: DirectoryUser, **body: object) -> HttpResponse:
        return self.post(f"{USERS}/{user.username}/{action}", **body)


NewUser = Callable[..., DirectoryUser]
NewApi = Callable[..., Api]


@pytest.fixture
def new_api(
    *,
    pool: Directory,
    new_user: Callable[..., DirectoryUser],
    call: Caller,
) -> Callable[..., Api]:
    """Gives an Api with a token of `user`, or of a new user, in these groups."""

    def make(*groups: str, user: DirectoryUser | None = None) -> Api:
        known = {group.name for group in pool.groups()}
        user = user or new_user(*known.intersection(groups))
        return Api(call, tokens_of(user.sub), groups)

    return make


@pytest.fixture
def operator(new_api: Callable[..., Api]) -> Api:
    return new_api("operators")


@pytest.fixture
def superuser(new_api: Callable[..., Api], root_group: str) -> Api:
    return new_api(ROOT_GROUP)


def last_event() -> tuple[str, str, str, str, str]:
    event = AuditEvent.objects.latest("pk")
    return event.action, event.outcome, event.detail, event.actor_sub, event.subject_sub


def session_of(user: User) -> BrowserSession:
    now = timezone.now()
    return BrowserSession.objects.create(
        user=user, signed_in_at=now, last_seen_at=now, renewed_at=now
    )


def row_of(user: DirectoryUser, **flags: bool) -> User:
    """Create the row of a user who has signed in to this site."""
    from django.conf import settings  # noqa: PLC0415 # those of the test

    return User.objects.create(
        issuer=settings.COGNITO_ISSUER, sub=user.sub, email=user.email, name=user.name, **flags
    )


@pytest.fixture
def enter(client: Client) -> Callable[[User], None]:
    """Signs users in with `client`, the browser."""

    def enter(row: User) -> None:
        session = session_of(row)
        client.force_login(row, backend=browser_sessions.BACKEND)
        store = client.session
        store[browser_sessions.SESSION_ID_KEY] = str(session.pk)
        # The user has just signed in.
        store[authentication.SESSION_KEY] = [int(timezone.now().timestamp()), None]
        store.save()

    return enter


@pytest.fixture
def new_admin(
    client: Client,
    enter: Callable[[User], None],
    new_user: Callable[..., DirectoryUser],
    root_group: str,
) -> Callable[..., Client]:
    """Gives a browser that is signed in as an operator or as a superuser."""

    def make(user: DirectoryUser | None = None, *, is_superuser: bool = False) -> Client:
        groups = ("operators", root_group) if is_superuser else ("operators",)
        user = user or new_user(*groups, name="Olivia Operator")
        row = row_of(user, is_staff=True, is_superuser=is_superuser)
        row.groups.add(Group.objects.get(name="operators"))
        enter(row)
        return client

    return make


# --- A stub of the pool, for answers that MiniStack cannot give


@pytest.fixture
def ada() -> DirectoryUser:
    name = str(uuid.uuid4())
    return DirectoryUser(name, name, "CONFIRMED", True, None, None, {"email": "ada@example.com"})


@pytest.fixture
def stub(stub: PoolStub, ada: DirectoryUser, settings: Settings) -> PoolStub:
    """A stub of the pool with one user, Ada, who is in no group."""
    stub.answer("AdminGetUser", described(sub=ada.sub, email=str(ada.email)))
    stub.answer("AdminListGroupsForUser", {"Groups": []})
    stub.answer("GetGroup", {"Group": {"GroupName": "readers"}})
    settings.COGNITO_SUPERUSER_GROUPS = frozenset({ROOT_GROUP})
    return stub


@pytest.fixture
def api(stub: PoolStub, call: Caller, tokens: TokenFactory) -> Api:
    api = Api(call, tokens, (ROOT_GROUP,))
    stub.operators[api.sub] = lambda: api.groups
    return api


@pytest.fixture
def root(stub: PoolStub, client: Client, enter: Callable[[User], None], settings: Settings) -> User:
    """A superuser of the stub of the pool, signed in with `client`."""
    stub.operators["root"] = lambda: [ROOT_GROUP]
    row = User.objects.create(
        issuer=settings.COGNITO_ISSUER, sub="root", is_staff=True, is_superuser=True
    )
    enter(row)
    return row
