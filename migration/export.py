"""The users of the old site as records for `python -m infra users import`.

Each user becomes one record. That of a user who cannot be imported has the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model

from migration import people
from migration.conf import Configuration

# What Cognito imports: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
# API_CreateUserImportJob.html. The names on the left are those of Django's hashers.
_ALGORITHMS = {
    "pbkdf2_sha256": ("PBKDF2_SHA256", re.compile(r"pbkdf2_sha256\$([0-9]+)\$[^$]+\$[^$]+")),
    "argon2": ("ARGON2ID", re.compile(r"argon2\$argon2id\$v=19\$m=([0-9]+),t=.+\$.+\$.+")),
    "bcrypt": ("BCRYPT", re.compile(r"bcrypt\$\$2[aby]\$([0-9]{2})\$.{53}")),
    "scrypt": ("SCRYPT", re.compile(r"scrypt\$([0-9]+)\$[^$]+\$[0-9]+\$[0-9]+\$[^$]+")),
}
# AWS names no limits. A hash beyond these takes seconds to check, or hundreds of megabytes.
_MOST = {"PBKDF2_SHA256": 5_000_000, "ARGON2ID": 262_144, "BCRYPT": 15, "SCRYPT": 262_144}

# How a user can come along: in an import job, at the first sign-in, with a new password by e-mail.
IMPORT, SIGN_IN, RESET, NONE = "import", "sign-in", "forgotten password", "none"
WAYS = (IMPORT, SIGN_IN, RESET, NONE)


def records(configured: Configuration) -> Iterator[dict[str, Any]]:
    """Yield a record for each user, by primary key."""
    field = people.login_field(configured)
    model = get_user_model()
    ambiguous = _ambiguous(field, configured)
    users = model._default_manager.order_by("pk")
    if configured.groups and any(one.name == "groups" for one in model._meta.many_to_many):
        # One query for each chunk, instead of one for each user.
        users = users.prefetch_related("groups")
    for user in users.iterator(chunk_size=2000):
        address = str(getattr(user, field) or "")
        way, reason, algorithm = _way(user, address, configured, ambiguous)
        record: dict[str, Any] = {"id": str(user.pk), "way": way}
        if reason:
            record["reason"] = reason
        if way != NONE:
            record["attributes"] = people.attributes(user, configured)
            names = people.groups(user, configured)
            if names:
                record["groups"] = names
        if way == IMPORT:
            record["algorithm"], record["hash"] = algorithm, user.password
        yield record


def algorithm_of(encoded: str) -> tuple[str, str]:
    """Return Cognito's name of the algorithm; or an empty text, and why there is none."""
    name = encoded.split("$", 1)[0]
    known = _ALGORITHMS.get(name)
    if known is None:
        # The text before the first dollar sign is no secret, if it is the name of an algorithm.
        shown = name if re.fullmatch(r"[a-z0-9_]{1,40}", name) and "$" in encoded else "unknown"
        return "", f"Cognito imports no hashes of the algorithm {shown}"
    algorithm, form = known
    found = form.fullmatch(encoded)
    if found is None:
        return "", f"the {name} hash has another variety or is malformed"
    if int(found[1]) > _MOST[algorithm]:
        return "", f"the {name} hash would take too long to check"
    return algorithm, ""


def _way(
    user: Any, address: str, configured: Configuration, ambiguous: dict[str, Any]
) -> tuple[str, str, str]:
    """Return the way, the reason why it is not the import, and the algorithm."""
    obstacle = _obstacle(user, address, ambiguous)
    if obstacle:
        return NONE, obstacle, ""
    algorithm, reason = algorithm_of(user.password)
    verified = people.is_verified(user, configured)
    if algorithm and verified:
        return IMPORT, "", algorithm
    if not people.unreadable(user):
        return SIGN_IN, reason or "Cognito imports verified e-mail addresses only", ""
    return (RESET if verified else NONE), reason, ""


def _obstacle(user: Any, address: str, ambiguous: dict[str, Any]) -> str:
    """Return why the user cannot come along in any way; empty if the user can."""
    if not address:
        return "the user has no e-mail address"
    if not people.has_address(address):
        return "the e-mail address is invalid, or longer than Cognito takes"
    reason = people.reason_against(user)
    if not reason and ambiguous.get(address.lower(), user.pk) != user.pk:
        return "another user has the same e-mail address, or one that differs by case"
    return reason


def _ambiguous(field: str, configured: Configuration) -> dict[str, Any]:
    """Return the addresses of several users, and the key of the one that is preferred, or None."""
    users = get_user_model()._default_manager
    keys: dict[str, list[Any]] = {}
    for user in users.iterator(chunk_size=2000):
        address = str(getattr(user, field) or "").lower()
        if address and not people.reason_against(user):
            keys.setdefault(address, []).append(user.pk)
    chosen = {}
    for address, several in keys.items():
        if len(several) > 1:
            same = list(users.filter(pk__in=several).order_by("pk"))
            preferred = people.choose(same, configured)
            chosen[address] = preferred.pk if preferred is not None else None
    return chosen
