"""The guard in front of every write of an operator. It reads the current groups from the pool.

A bearer token can be 15 minutes old, and a user row as old as the last renewal. An operator who has
been removed from a group since then must not write with the old rights: they could add themselves
to the group again. Reads use the rights of the token or the row, for as long as docs/security.md
promises.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest

from accounts import conf, users
from accounts.audit import trail
from accounts.audit.subject import Named, Subject
from accounts.console.directory import rights
from accounts.console.directory.errors import (
    FAILURES,
    NotAnOperator,
    SecondFactorMissing,
    TooManyActions,
)
from accounts.console.directory.operator import Operator, Person, same_user
from accounts.rate_limits import limits
from accounts.sessions import renewal
from cognito.directory.users import Directory
from cognito.errors import UserNotFound


def current_operator(request: HttpRequest, user: Named) -> Operator:
    """Return the operator with the rights that the pool's groups give them now.

    Update a row with these rights, as a renewal does. Record a refusal in the audit trail.

    Raises:
        NotAllowed: NotAnOperator, SecondFactorMissing or TooManyActions.
        RequestRefused, CognitoUnavailable: the pool did not report the groups. Write nothing.
    """
    count_request(user)
    try:
        person = person_of(conf.directory(), user)
        groups = person.groups if person is not None and person.user.is_enabled else ()
        row = _with_rights_of(request, user, (group.name for group in groups))
        if person is None or not rights.of_groups(groups).is_staff:
            raise NotAnOperator
        if settings.COGNITO_STAFF_REQUIRE_MFA and not person.user.mfa:
            raise SecondFactorMissing
    except FAILURES as error:
        match = request.resolver_match
        trail.record(
            request,
            trail.Action.OPERATOR_CHECK,
            trail.Outcome.FAILURE,
            actor=user,
            detail=f"{match.view_name}: {error.code}" if match else error.code,
        )
        raise
    return Operator(row, rights.of_groups(groups))


def count_request(user: Named) -> None:
    """Count a request that adds to the audit trail. Raises TooManyActions, without an event."""
    account = limits.account_name(issuer=user.issuer, sub=user.sub)
    try:
        limits.count_account("operator request", limits.OPERATOR_REQUESTS, account=account)
    except limits.AccountLimitReached as throttled:
        raise TooManyActions(throttled.wait) from None


def person_of(directory: Directory, user: Named) -> Person | None:
    """Return the pool's record of a user with its groups, or None if the pool has no such user.

    Compare the `sub` as well: a new user can have the user name of a deleted user.
    """
    if user.issuer != settings.COGNITO_ISSUER:
        return None
    try:
        found = directory.user(user.username or user.sub)
        if not same_user(found, user):
            return None
        return Person(found, directory.groups_of(found.username))
    except UserNotFound:
        return None


def _with_rights_of(request: HttpRequest, user: Named, groups: Iterable[str]) -> Named:
    """Return the row with its rights updated, or `user` itself if it is not a row."""
    if isinstance(user, Subject):
        return user
    row, has_changed = users.follow_groups(user, frozenset(groups), request=request)
    if has_changed:
        renewal.make_due(issuer=user.issuer, sub=user.sub)
    return row
