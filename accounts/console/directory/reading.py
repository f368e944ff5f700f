"""What an operator reads in the user pool. Each method requires the right to see the directory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

from accounts.console.directory.operator import Operator, Person
from cognito.directory.access import PoolSession, RememberedDevice
from cognito.directory.parallel import in_parallel
from cognito.directory.people import People
from cognito.directory.pool_facts import PoolFacts
from cognito.directory.records import DirectoryGroup, DirectoryUser, UserPage
from cognito.directory.search import Search
from cognito.directory.users import Directory
from cognito.errors import CognitoError
from cognito.user_pool.auth_factors import AuthFactors


@dataclass(frozen=True, slots=True)
class Details:
    """What a list shows of a user in addition. None means that the pool did not give it."""

    groups: list[str] | None
    factors: AuthFactors | None


@dataclass(frozen=True, slots=True)
class Access:
    """What a user signs in with, and where. Each can be the error of its call."""

    factors: AuthFactors | CognitoError
    sessions: list[PoolSession] | CognitoError
    devices: list[RememberedDevice] | CognitoError
    pool: PoolFacts | CognitoError


@dataclass(frozen=True, slots=True)
class DirectoryReads:
    """The user pool, for an operator who reads. Raises the errors of `Console`."""

    operator: Operator
    directory: Directory

    def users(self, search: Search, *, limit: int, token: str | None) -> UserPage:
        self.operator.demand("view_directory")
        return self.directory.list_users(search, limit=limit, token=token)

    def users_and_pool(
        self, search: Search, *, limit: int, token: str | None
    ) -> tuple[UserPage, PoolFacts | None]:
        """Return a page of users, and the pool's facts if it gives them. Both calls at once."""
        self.operator.demand("view_directory")
        calls: list[Any] = [
            partial(self.directory.list_users, search, limit=limit, token=token),
            self.directory.pool,
        ]
        found, facts = in_parallel(calls)
        if isinstance(found, CognitoError):
            raise found
        return found, facts if isinstance(facts, PoolFacts) else None

    def finding_people(
        self, text: str, *, status: str, limit: int
    ) -> AbstractContextManager[Callable[[], People]]:
        """Search while the `with` block runs, which gets a function that waits for the people."""
        self.operator.demand("view_directory")
        return self.directory.finding_people(text, status=status, limit=limit)

    def known_people(self, names: Sequence[str]) -> list[DirectoryUser]:
        """Return those of the named users who exist in the pool. One call for each, at once."""
        self.operator.demand("view_directory")
        answers = in_parallel([partial(self.directory.user, name) for name in names])
        return [one for one in answers if isinstance(one, DirectoryUser)]

    def pool_facts(self) -> PoolFacts:
        self.operator.demand("view_directory")
        return self.directory.pool()

    def details(self, names: Sequence[str]) -> list[Details]:
        """Return groups and factors of users, as far as the pool gives them. Two calls for each."""
        self.operator.demand("view_directory")
        answers: list[Any] = in_parallel(
            [
                *(partial(self.directory.group_names, name) for name in names),
                *(partial(self.directory.factors, name) for name in names),
            ]
        )
        known = [None if isinstance(one, CognitoError) else one for one in answers]
        pairs = zip(known[: len(names)], known[len(names) :], strict=True)
        return [Details(groups, factors) for groups, factors in pairs]

    def person(self, username: str) -> Person:
        """Return a user by user name or alias, with the user's groups. Makes two calls."""
        self.operator.demand("view_directory")
        return self._person(username)

    def factors(self, username: str) -> AuthFactors:
        self.operator.demand("view_directory")
        return self.directory.factors(username)

    def sessions(self, username: str) -> list[PoolSession]:
        self.operator.demand("view_directory")
        return self.directory.sessions(username)

    def devices(self, username: str) -> list[RememberedDevice]:
        self.operator.demand("view_directory")
        return self.directory.devices(username)

    def person_with_access(self, username: str) -> tuple[Person, Access]:
        """Return a user, what they sign in with, and where. Six calls at once.

        Each of the four calls for the access may fail.

        Raises the error of the call for the user, or of that for the groups.
        """
        self.operator.demand("view_directory")
        pool = self.directory
        calls: list[Any] = [
            partial(pool.user, username),
            partial(pool.groups_of, username),
            partial(pool.factors, username),
            partial(pool.sessions, username),
            partial(pool.devices, username),
            pool.pool,
        ]
        answers: list[Any] = in_parallel(calls)
        user, groups, *access = answers
        for answer in (user, groups):
            if isinstance(answer, CognitoError):
                raise answer
        return Person(user, groups), Access(*access)

    def groups(self) -> list[DirectoryGroup]:
        self.operator.demand("view_directory")
        return self.directory.groups()

    def members(self, group: str, *, token: str | None) -> UserPage:
        self.operator.demand("view_directory")
        return self.directory.members(group, token=token)

    def group(self, name: str) -> DirectoryGroup:
        self.operator.demand("view_directory")
        return self.directory.group(name)

    def _person(self, username: str) -> Person:
        user = self.directory.user(username)
        return Person(user, self.directory.groups_of(user.username))
