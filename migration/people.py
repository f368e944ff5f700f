"""The users of the old site: which one has an address, and what Cognito learns about a user."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import date
from inspect import isroutine
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import is_password_usable
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.validators import validate_email

from migration import reasons
from migration.conf import Configuration
from migration.passwords import Unreadable, require_checkable

logger = logging.getLogger("migration")

# Cognito allows 128 characters in an address that users sign in with, and 2,048 in an attribute.
MAXIMUM_ADDRESS_CHARACTERS = 128
MAXIMUM_ATTRIBUTE_CHARACTERS = 2048
# More users with one address are not looked at.
_MOST_WITH_ONE_ADDRESS = 20

# Cognito refuses a whole user if one of these has another form.
_FORMS: Mapping[str, Any] = {
    "phone_number": re.compile(r"\+[1-9][0-9]{1,14}"),
    "birthdate": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "updated_at": re.compile(r"[0-9]{1,12}"),
    "phone_number_verified": re.compile(r"true|false"),
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def has_address(address: str) -> bool:
    """Return whether the text can be the address of a user."""
    if len(address) > MAXIMUM_ADDRESS_CHARACTERS or _CONTROL.search(address):
        return False
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def find(
    address: str,
    configured: Configuration,
    refusals: list[tuple[Any, str]],
    *,
    forgot: bool = False,
) -> Any | None:
    """Return the active user with this address and a usable password, if there is exactly one.

    Case does not count, as in the user pool. The log names users who cannot come along by their
    primary keys.

    Args:
        refusals: gets the users with this address who cannot come along, each with the reason.
        forgot: the password is replaced, so a hash that cannot be checked does not matter.
    """
    if not has_address(address):
        return None
    field = login_field(configured)
    model = get_user_model()
    found = model._default_manager.filter(**{f"{field}__iexact": address})
    # Databases disagree about the case of letters, and some take a dotless i for an i.
    same = [
        user
        for user in found.order_by("pk")[:_MOST_WITH_ONE_ADDRESS]
        if str(getattr(user, field)).lower() == address.lower()
    ]
    usable = [user for user in same if not _refused(user, reason_against(user), refusals)]
    user = choose(usable, configured) if len(usable) > 1 else next(iter(usable), None)
    if user is None:
        refusals.extend((one, reasons.AMBIGUOUS) for one in usable)
        return None
    if forgot or not _refused(user, unreadable(user), refusals):
        return user
    return None


def login_field(configured: Configuration) -> str:
    return configured.login_field or str(get_user_model().get_email_field_name())


def reason_against(user: Any) -> str:
    """Return why the user cannot come along in any way; empty if the user can."""
    if not getattr(user, "is_active", True):
        return reasons.INACTIVE
    if not user.password or not is_password_usable(user.password):
        return reasons.UNUSABLE
    return ""


def unreadable(user: Any) -> str:
    """Return why the password cannot be checked; empty if it can."""
    try:
        require_checkable(user.password)
    except Unreadable as reason:
        return str(reason)
    return ""


def is_verified(user: Any, configured: Configuration) -> bool:
    """Return whether the old site says that the address is the user's."""
    if isinstance(configured.email_verified, bool):
        return configured.email_verified
    return _value(user, configured.email_verified) in (True, "true")


def attributes(user: Any, configured: Configuration) -> dict[str, str]:
    """Return the attributes for Cognito, without those that it would refuse."""
    address = str(getattr(user, login_field(configured)))
    verified = "true" if is_verified(user, configured) else "false"
    known = {"email": address, "email_verified": verified}
    for name, path in configured.attributes.items():
        text = _text(_value(user, path))
        if not text:
            continue
        form = _FORMS.get(name)
        if len(text) > MAXIMUM_ATTRIBUTE_CHARACTERS or (form and not form.fullmatch(text)):
            logger.warning("The %s of user %s is invalid and was left out.", name, user.pk)
            continue
        known[name] = text
    return known


def groups(user: Any, configured: Configuration) -> list[str]:
    """Return the groups of Cognito that the allow-list gives the user."""
    if not configured.groups or not hasattr(user, "groups"):
        return []
    # The export has fetched the groups of many users at once, which a filter would not use.
    names = {group.name for group in user.groups.all()}
    return sorted({configured.groups[name] for name in names & configured.groups.keys()})


def choose(users: list[Any], configured: Configuration) -> Any | None:
    """Return the user among several with one address that the configuration prefers, if any."""
    chosen = configured.choose(list(users)) if configured.choose else None
    if chosen is None:
        keys = ", ".join(str(user.pk) for user in users)
        logger.warning("These users have the same address, so none can come along: %s.", keys)
        return None
    if not any(user.pk == chosen.pk for user in users):
        raise ValueError("CHOOSE returned another user.")
    return chosen


def _refused(user: Any, reason: str, refusals: list[tuple[Any, str]]) -> bool:
    if reason:
        logger.info("User %s cannot come along: %s.", user.pk, reason)
        refusals.append((user, reason))
    return bool(reason)


def _value(user: Any, path: str) -> Any:
    """Follow a path such as `profile.phone`. A method is called without arguments."""
    value = user
    for name in path.split("."):
        try:
            value = getattr(value, name)
        except ObjectDoesNotExist:
            return None
        # Related managers are callable as well, but no methods.
        if isroutine(value):
            value = value()
        if value is None:
            return None
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    # A line break in a name could make Cognito refuse the user.
    return " ".join(str(value).split())
