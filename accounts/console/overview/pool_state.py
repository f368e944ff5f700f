"""What the front page asks the user pool: whether it answers, and who has no second factor.

All calls run at once, while the page reads the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings

from accounts import conf
from accounts.models import AbstractIdentity, User
from cognito import deadlines
from cognito.directory.parallel import in_background
from cognito.directory.records import DirectoryUser
from cognito.directory.search import Search
from cognito.errors import CognitoError, UserNotFound

# The operators with the latest sign-ins whose second factors are checked, with one call for each.
MAX_OPERATORS = 10
SECONDS = deadlines.HEALTH_CALL_SECONDS


@dataclass(frozen=True, slots=True)
class PoolState:
    """The answers of the user pool.

    Attributes:
        problem: why this application cannot read the pool; empty if it can.
        without_factor: the labels of operators without a second factor.
        unchecked: the number of operators whose factors the pool did not report in time.
    """

    problem: str = ""
    without_factor: Sequence[str] = ()
    unchecked: int = 0


@contextmanager
def asking(viewer: AbstractIdentity) -> Iterator[Callable[[], PoolState]]:
    """Ask the pool while the `with` block runs, and yield a function that waits for the state.

    The operators are checked only for a `viewer` who may see users.
    """
    operators = _operators() if viewer.has_perm("accounts.view_directory") else []
    directory = conf.directory(deadline_seconds=SECONDS)
    calls: list[Any] = [
        partial(directory.list_users, Search(), limit=1),
        *(partial(directory.user, row.username or row.sub) for row in operators),
    ]
    with in_background(calls) as answers:
        yield lambda: _state_of(operators, *answers())


def _operators() -> list[User]:
    rows = User.objects.filter(is_staff=True, is_active=True, issuer=settings.COGNITO_ISSUER)
    return list(rows.order_by("-last_login")[:MAX_OPERATORS])


def _state_of(
    operators: list[User], listed: Any, *users: DirectoryUser | CognitoError
) -> PoolState:
    if isinstance(listed, CognitoError):
        return PoolState(problem=listed.title)
    without_factor: list[str] = []
    unchecked = 0
    for row, user in zip(operators, users, strict=True):
        if isinstance(user, CognitoError):
            unchecked += not isinstance(user, UserNotFound)
            continue
        # Users of an identity provider have their factors there.
        is_local = user.sub == row.sub and user.is_enabled and user.status != "EXTERNAL_PROVIDER"
        if is_local and not user.mfa:
            without_factor.append(row.identity)
    return PoolState(without_factor=without_factor, unchecked=unchecked)
