"""Decide which users of the project belong to which users of the user pool, and link them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from accounts.identity.models import Identity
from accounts.models import AuditEvent
from cognito.directory.records import DirectoryUser
from cognito.directory.search import Search
from cognito.directory.users import Directory

T = TypeVar("T")

PAGE_SIZE = 60
# How many addresses one query compares.
BATCH = 500
MAX_SUB = 255


class UnusableMapping(Exception):
    """The mapping file cannot be read. The text says why."""


@dataclass(frozen=True, slots=True)
class Link:
    """A user of the project, and the `sub` that is to sign in as this user."""

    user: Any
    sub: str
    email: str = ""


@dataclass(slots=True)
class Plan:
    """What to link, and what needs a decision.

    Attributes:
        linked: the number of pairs that are linked already.
        problems: one line for each user who is not linked, with the reason.
    """

    links: list[Link] = field(default_factory=list)
    linked: int = 0
    problems: list[str] = field(default_factory=list)


def people_of(directory: Directory) -> Iterator[DirectoryUser]:
    """Yield all users of the pool. Raises CognitoError."""
    token = None
    while True:
        page = directory.list_users(Search(), limit=PAGE_SIZE, token=token)
        yield from page.users
        token = page.next_token
        if token is None:
            return


def plan_by_address(people: Iterable[DirectoryUser], *, may_link_staff: bool) -> Plan:
    """Pair users who have the same address, if the pool has verified it and it is unique.

    Args:
        may_link_staff: whether users with staff rights are linked as well. An address is weaker
            evidence than a mapping that an operator has written.
    """
    subs: dict[str, list[DirectoryUser]] = defaultdict(list)
    for one in people:
        if one.email and one.email_verified and one.is_enabled:
            subs[one.email.lower()].append(one)
    plan = Plan()
    for batch in _batches(sorted(subs)):
        users = _users_by_address(batch)
        for address in batch:
            matching = users.get(address, [])
            if matching:
                _plan_pair(plan, address, matching, subs[address])
    plan = _without_conflicts(plan)
    return plan if may_link_staff else _without_staff(plan)


def plan_by_mapping(file: IO[str]) -> Plan:
    """Pair users as a CSV file says. One column is `sub`, the other a field of the user model.

    Raises:
        UnusableMapping: the header has other columns.
    """
    reader = csv.DictReader(file)
    names = [name for name in reader.fieldnames or () if name != "sub"]
    if len(names) != 1 or "sub" not in (reader.fieldnames or ()):
        raise UnusableMapping("The first line must name two columns: a field of the user, and sub.")
    name = names[0]
    try:
        if name != "pk":
            get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        model = settings.AUTH_USER_MODEL
        raise UnusableMapping(f"{model} has no field {name!r}.") from None
    plan = Plan()
    for number, row in enumerate(reader, start=2):
        value, sub = (row[name] or "").strip(), (row["sub"] or "").strip()
        if not value or not 0 < len(sub) <= MAX_SUB:
            plan.problems.append(f"line {number}: {name} or sub is missing")
            continue
        try:
            users = list(get_user_model()._default_manager.filter(**{name: value})[:2])
        except (ValueError, ValidationError):
            users = []
        if len(users) != 1:
            found = "more than one user" if users else "no user"
            plan.problems.append(f"line {number}: {found} has {name} {value}")
            continue
        plan.links.append(Link(users[0], sub))
    return _without_conflicts(plan)


def apply(plan: Plan) -> int:
    """Link the users, each with an audit event. Return how many there were."""
    linked = 0
    for link in plan.links:
        try:
            with transaction.atomic():
                Identity.objects.create(
                    issuer=settings.COGNITO_ISSUER,
                    sub=link.sub,
                    user=link.user,
                    email=link.email,
                    email_verified=bool(link.email),
                )
                AuditEvent(
                    action=AuditEvent.Action.LINK_IDENTITY,
                    outcome=AuditEvent.Outcome.SUCCESS,
                    actor_label="command line",
                    subject_sub=link.sub,
                    subject_label=(link.email or link.sub)[:320],
                    detail=f"{settings.AUTH_USER_MODEL} {link.user.pk}",
                ).save(force_insert=True)
        except IntegrityError:
            plan.problems.append(f"{named(link.user)}: linked by another process in the meantime")
            continue
        linked += 1
    return linked


def named(user: Any) -> str:
    """Return a name of a user that an operator can find in the project's admin."""
    return f"{user.get_username()} ({user.pk})"


def _batches(entries: list[T]) -> Iterator[list[T]]:
    return (entries[start : start + BATCH] for start in range(0, len(entries), BATCH))


def _users_by_address(addresses: Iterable[str]) -> Mapping[str, list[Any]]:
    model = get_user_model()
    rows = model._default_manager.annotate(lower_address=Lower(model.get_email_field_name()))
    found: dict[str, list[Any]] = defaultdict(list)
    for user in rows.filter(lower_address__in=list(addresses)):
        found[str(getattr(user, model.get_email_field_name())).lower()].append(user)
    return found


def _plan_pair(plan: Plan, address: str, users: list[Any], people: list[DirectoryUser]) -> None:
    if len(people) > 1:
        plan.problems.append(f"{address}: {len(people)} users of the user pool have this address")
    elif len(users) > 1:
        names = ", ".join(named(user) for user in users)
        plan.problems.append(f"{address}: {len(users)} users of this project have it: {names}")
    else:
        plan.links.append(Link(users[0], people[0].sub, address))


def _has_rights(user: Any) -> bool:
    return bool(getattr(user, "is_staff", False) or getattr(user, "is_superuser", False))


def _without_staff(plan: Plan) -> Plan:
    """Remove the links of users with staff rights that no earlier run has made."""
    wanted, plan.links = plan.links, []
    for link in wanted:
        if _has_rights(link.user):
            remedy = "Add --include-staff or use a mapping file"
            plan.problems.append(f"{link.email}: {named(link.user)} is staff. {remedy}")
        else:
            plan.links.append(link)
    return plan


def _without_conflicts(plan: Plan) -> Plan:
    """Remove links that exist, and those of which one half is linked or named elsewhere."""
    wanted, plan.links = plan.links, []
    user_of, sub_of = _existing(wanted)
    taken_users: set[Any] = set()
    taken_subs: set[str] = set()
    for link in wanted:
        other_user, other_sub = user_of.get(link.sub), sub_of.get(link.user.pk)
        if other_user == link.user.pk:
            plan.linked += 1
        elif other_user is not None:
            plan.problems.append(
                f"{named(link.user)}: {link.sub} is linked to the user {other_user}"
            )
        elif other_sub is not None:
            plan.problems.append(f"{named(link.user)}: this user is linked to {other_sub}")
        elif link.user.pk in taken_users or link.sub in taken_subs:
            plan.problems.append(f"{named(link.user)}: named twice, or {link.sub} is")
        else:
            plan.links.append(link)
        taken_users.add(link.user.pk)
        taken_subs.add(link.sub)
    return plan


def _existing(links: list[Link]) -> tuple[dict[str, Any], dict[Any, str]]:
    rows = Identity.objects.filter(issuer=settings.COGNITO_ISSUER)
    user_of: dict[str, Any] = {}
    sub_of: dict[Any, str] = {}
    for batch in _batches(links):
        user_of |= rows.filter(sub__in=[one.sub for one in batch]).values_list("sub", "user_id")
        sub_of |= Identity.objects.filter(user__in=[one.user for one in batch]).values_list(
            "user_id", "sub"
        )
    return user_of, sub_of
