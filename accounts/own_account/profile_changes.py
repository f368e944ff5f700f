"""Change the attributes of a user, and verify a new e-mail address or telephone number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from accounts.audit import trail
from accounts.own_account.owner import Owner
from accounts.rate_limits.limits import CODE, MAIL, PHONE, count_attempt, count_target
from accounts.sessions import renewal
from cognito.errors import AccountExists
from cognito.user_pool.self_service import SelfService

# The kinds of messages with which Cognito verifies an attribute.
MESSAGES = {"email": MAIL, "phone_number": PHONE}
_EVENTS = {
    "email": trail.Action.EMAIL_CHANGE,
    "phone_number": trail.Action.PHONE_CHANGE,
}


def change_profile(
    owner: Owner, changes: Mapping[str, str | None]
) -> tuple[SelfService, frozenset[str]]:
    """Change attributes by name. None removes one.

    Returns the account for further calls, and the attributes that wait for a code. A new e-mail
    address waits for one even if no code was sent, because it belongs to another account.

    Raises:
        LimitReached: too many messages to the address or number, or of this account.
        CodeNotDelivered, InvalidParameter: as `SelfService.update` says.
        CognitoUnavailable: the change may have happened or not.
    """
    email, phone_number = changes.get("email"), changes.get("phone_number")
    others = {name: value for name, value in changes.items() if name != "email"}
    with (
        _limited(owner, "email", email),
        _limited(owner, "phone_number", phone_number),
    ):
        pool = owner.pool()
        waiting = pool.update(others) if others else frozenset()
        if email is not None:
            waiting |= _ask_for_email(pool, email)
    if changes:
        owner.record(trail.Action.PROFILE_CHANGE, detail=", ".join(sorted(changes)))
        renewal.make_due(issuer=owner.issuer, sub=owner.sub)
    return pool, waiting


def send_code(owner: Owner, attribute: str) -> str | None:
    """Have Cognito send a code to the `email` or `phone_number` that the user has.

    Returns where the code went, or None if the user has no such attribute.

    Raises as `change_profile` does.
    """
    pool = owner.pool()
    profile = pool.profile()
    target = profile.email if attribute == "email" else profile.phone_number
    if target is None:
        return None
    with _limited(owner, attribute, target):
        pool.send_code(attribute)
    return target


def confirm_attribute(owner: Owner, attribute: str, code: str) -> None:
    """Verify the address or number that a code was sent to.

    Raises:
        LimitReached: the account or the address has tried too many codes.
        CodeMismatch, ExpiredCode, AccountExists: as `SelfService.confirm` says.
        CognitoUnavailable: the change may have happened or not.
    """
    with count_attempt(owner.request, CODE, account=owner.name) as attempt:
        owner.pool().confirm(attribute, code)
        attempt.succeeded()
    owner.record(_EVENTS[attribute])
    renewal.make_due(issuer=owner.issuer, sub=owner.sub)


@contextmanager
def _limited(owner: Owner, attribute: str, target: str | None) -> Iterator[None]:
    """Count a message by account, by address and by its target, unless there is none."""
    if not target:
        yield
        return
    throttle = MESSAGES[attribute]
    with (
        count_attempt(owner.request, throttle, account=owner.name),
        count_target(throttle, target),
    ):
        yield


def _ask_for_email(pool: SelfService, email: str) -> frozenset[str]:
    """Change the address in a separate call, so that its failure does not affect other changes.

    The answer for the address of another account is the same as for any other. An error would
    reveal that the account exists.
    """
    with suppress(AccountExists):
        pool.update({"email": email})
    return frozenset({"email"})
