"""Import the users of an export. Repeating it is safe: users who are in the pool do not change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from infra.errors import InfraError
from infra.user_import.arguments import FORMS
from infra.user_import.csv_file import Columns, obstacle, parts
from infra.user_import.jobs import Jobs, Outcome, Progress
from infra.user_import.people import IMPORT, Person
from infra.user_import.pool_users import PoolUser, list_users, require_own_attribute

# How many users the first job of an algorithm has, which finds out the form of hashes.
TRIAL_USERS = 5

IMPORTED, CAME_ALONG, SKIPPED, FAILED, LEFT = (
    "imported",
    "was there",
    "skipped",
    "failed",
    "left",
)
ADDRESS_IN_USE = "the pool has another user with this e-mail address"
UNCONFIRMED = (
    "the pool has an unconfirmed sign-up with this e-mail address; --delete-unconfirmed removes it"
)


@dataclass
class Result:
    """The outcome for each user, by the user's id at the other site.

    Attributes:
        states: one of IMPORTED, CAME_ALONG, SKIPPED, FAILED, LEFT for each user.
        reasons: why a user is not in the pool.
        users: the pool's user.
    """

    states: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    users: dict[str, PoolUser] = field(default_factory=dict)


@dataclass(frozen=True)
class Importer:
    """Imports users into one pool.

    Args:
        cognito: a client of boto3, whose types lack the newest members.
        forms: the forms of hashes to try, in this order.
    """

    cognito: Any
    jobs: Jobs
    user_pool_id: str
    id_attribute: str
    progress: Progress
    hash_column: str | None = None
    forms: Sequence[str] = FORMS
    maximum_users: int | None = None

    def run(
        self,
        people: Sequence[Person],
        *,
        import_users: bool = True,
        delete_unconfirmed: bool = False,
    ) -> Result:
        """Import the users who are missing, and return the outcome for all. Raises InfraError."""
        columns = self._columns(people)
        require_own_attribute(self.cognito, self.user_pool_id, self.id_attribute)
        self.jobs.wait_for_others()
        before = self._pool_users()
        if delete_unconfirmed:
            addresses = {person.email for person in people if person.email}
            deleted = self._delete_unconfirmed(before, addresses)
            before = [user for user in before if user.username not in deleted]
        result = Result()
        waiting = self._waiting(people, before, result)
        reasons: dict[str, str] = {}
        if import_users:
            for algorithm, group in sorted(waiting.items()):
                reasons |= self._import(algorithm, group, columns)
        self._reconcile(people, result, reasons)
        return result

    def _columns(self, people: Sequence[Person]) -> Columns:
        header = self.cognito.get_csv_header(UserPoolId=self.user_pool_id)["CSVHeader"]
        columns = Columns.of(header, id_attribute=self.id_attribute, hash_column=self.hash_column)
        columns.require(people)
        return columns

    def _pool_users(self) -> list[PoolUser]:
        return list_users(self.cognito, self.user_pool_id, id_attribute=self.id_attribute)

    def _waiting(
        self, people: Sequence[Person], before: Sequence[PoolUser], result: Result
    ) -> Mapping[str, list[Person]]:
        """Return who must be imported, by algorithm, and note who is in the pool."""
        ids = {user.former_id for user in before if user.former_id}
        others = {user.email: user for user in before if user.email}
        waiting: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            if person.id in ids:
                result.states[person.id] = CAME_ALONG
            elif other := others.get(person.email):
                # The address proves nothing, so this user gets nothing of the former row.
                result.states[person.id] = SKIPPED
                result.reasons[person.id] = UNCONFIRMED if other.is_unconfirmed else ADDRESS_IN_USE
            elif person.way == IMPORT:
                waiting[person.algorithm].append(person)
            else:
                result.states[person.id] = LEFT
                result.reasons[person.id] = person.reason
        return waiting

    def _delete_unconfirmed(self, before: Sequence[PoolUser], addresses: Set[str]) -> Set[str]:
        """Delete sign-ups that keep users of the other site out, and return their user names.

        An unconfirmed sign-up has proved nothing and cannot sign in.
        """
        deleted = set()
        for user in before:
            if not user.is_unconfirmed or user.former_id or user.email not in addresses:
                continue
            named = {"UserPoolId": self.user_pool_id, "Username": user.username}
            # The user may have confirmed since the list was read.
            if self.cognito.admin_get_user(**named)["UserStatus"] == user.status:
                self.cognito.admin_delete_user(**named)
                deleted.add(user.username)
        self.progress(f"unconfirmed sign-ups deleted: {len(deleted)}")
        return deleted

    def _import(self, algorithm: str, people: Sequence[Person], columns: Columns) -> dict[str, str]:
        """Import users with one algorithm, and return reasons of failed users, by id."""
        reasons = {
            person.id: reason
            for person in people
            if (reason := obstacle(person, columns, self.forms[0]))
        }
        people = [person for person in people if person.id not in reasons]
        trial, rest = people[:TRIAL_USERS], people[TRIAL_USERS:]
        for form in self.forms:
            failed = self._run_parts(algorithm, trial, columns, form)
            if len(failed) < len(trial):
                return reasons | failed | self._run_parts(algorithm, rest, columns, form)
        # The users can still come along at their first sign-in.
        return reasons | {
            person.id: f"Cognito imported no {algorithm} hash, of {len(trial)} that were tried"
            for person in people
        }

    def _run_parts(
        self, algorithm: str, people: Sequence[Person], columns: Columns, form: str
    ) -> dict[str, str]:
        limits = {} if self.maximum_users is None else {"maximum_users": self.maximum_users}
        failed: dict[str, str] = {}
        for number, part in enumerate(parts(people, columns, form, **limits), start=1):
            name = f"gatehouse {algorithm.lower()} {form} {number}"
            self.progress(f"{name}: {len(part.people)} users")
            outcome = self.jobs.run(name, algorithm, part.content)
            if outcome.failed or outcome.skipped:
                failed |= self._failures(part.people, outcome)
        return failed

    def _failures(self, people: Sequence[Person], outcome: Outcome) -> dict[str, str]:
        """Return who of a job is not in the pool, with the reason of the job's log."""
        ids = {user.former_id for user in self._pool_users()}
        missing = [number for number, person in enumerate(people) if person.id not in ids]
        shift = _shift(missing, outcome.reasons)
        return {
            people[number].id: outcome.reasons.get(number + shift, "Cognito gave no reason")
            for number in missing
        }

    def _reconcile(
        self, people: Sequence[Person], result: Result, reasons: Mapping[str, str]
    ) -> None:
        by_id: dict[str, list[PoolUser]] = defaultdict(list)
        for user in self._pool_users():
            by_id[user.former_id].append(user)
        for person in people:
            found = by_id.get(person.id, [])
            if len(found) > 1:
                raise InfraError(f"The pool has {len(found)} users with the id {person.id}.")
            if found:
                result.users[person.id] = found[0]
                result.states.setdefault(person.id, IMPORTED)
                result.reasons.pop(person.id, None)
                if result.states[person.id] in {SKIPPED, LEFT}:
                    result.states[person.id] = CAME_ALONG
            elif person.id not in result.states:
                result.states[person.id] = FAILED
                result.reasons[person.id] = reasons.get(person.id, "not imported yet")


def _shift(missing: Sequence[int], reasons: Mapping[int, str]) -> int:
    """Return the line number of the first user in the log, which AWS does not document."""
    return max((2, 1, 0), key=lambda shift: sum(number + shift in reasons for number in missing))


def counts(people: Sequence[Person], result: Result) -> Counter[tuple[str, str]]:
    """Return how many users have each algorithm and state."""
    return Counter((person.algorithm or "none", result.states[person.id]) for person in people)
